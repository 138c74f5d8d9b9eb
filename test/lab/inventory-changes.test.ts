/** Every kind of change on a simulated network that changes between scans, and all of them told by mail. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { SMTPServer } from 'smtp-server';
import { parseCsv } from './csv.ts';
import { labTest } from './lab-test.ts';
import { forgetNameServer, startNameServer, useNameServer } from './name-server.ts';
import { echosweep, freshFolder } from './run.ts';
import { SIMULATED } from './simulator/address-plan.ts';
import type { AnswerRule, HostRule } from './simulator/rules.ts';
import { startSimulation } from './simulator/start.ts';

const [far, link] = ['100.64.1', '198.18.1'] as const;
const MACS = ['00:00:0c:00:00:06', '02:00:00:00:00:07'] as const;
/** Long enough that what a busy machine adds makes no host slower by the inventory's rules, … */
const USUAL_DELAY_MS = 20;
/** … and that it hides none that is: a usual time would have to be ten times too long. */
const SLOW_DELAY_MS = 700;
const NOBODY: readonly AnswerRule[] = [];
/** By a router: a host that refuses by itself is there. */
const REFUSED: readonly AnswerRule[] = [{ error: { type: 3, code: 13, from: 'r1' } }];

/** What is to be seen by a scan, and the changes that it has to find: address, kind, before, after. */
interface Stage {
  readonly hosts: Readonly<Record<string, Partial<HostRule>>>;
  readonly names: Readonly<Record<number, string>>;
  readonly changes: readonly (readonly [string, string, string, string])[];
}

const ALL: Stage['hosts'] = {
  [`${far}.1`]: {},
  [`${far}.2`]: {},
  [`${far}.3`]: {},
  [`${far}.4`]: { answers: NOBODY },
  [`${far}.5`]: {},
  [`${link}.6`]: { macs: [MACS[0]] },
  [`${link}.7`]: { macs: [MACS[1]] },
};
const NAMES = { 1: 'desk', 3: 'printer' };

const STAGES: readonly Stage[] = [
  { hosts: ALL, names: NAMES, changes: [] },
  {
    hosts: { ...ALL, [`${far}.4`]: { answers: REFUSED }, [`${far}.5`]: { answers: REFUSED } },
    names: { 1: 'desk', 3: 'scanner' },
    changes: [
      [`${far}.3`, 'name-changed', 'printer', 'scanner'],
      [`${far}.4`, 'reason-changed', 'no-response', 'admin-prohibited'],
      [`${far}.5`, 'gone', 'echo-reply', 'admin-prohibited'],
    ],
  },
  {
    hosts: {
      ...ALL,
      [`${far}.2`]: { delayMs: SLOW_DELAY_MS },
      [`${far}.4`]: {},
      [`${far}.5`]: {},
      [`${link}.6`]: { macs: [MACS[1]] },
      [`${link}.7`]: { macs: [MACS[0]] },
    },
    // A name that nobody tells is not one that changed.
    names: { 1: 'DESK' },
    changes: [
      [`${far}.2`, 'slower', '', ''],
      [`${far}.4`, 'new', 'admin-prohibited', 'echo-reply'],
      [`${far}.5`, 'back', 'admin-prohibited', 'echo-reply'],
      [`${link}.6`, 'moved', `${link}.7`, `${link}.6`],
      [`${link}.6`, 'mac-changed', ...MACS],
      [`${link}.7`, 'moved', `${link}.6`, `${link}.7`],
      [`${link}.7`, 'mac-changed', MACS[1], MACS[0]],
    ],
  },
  {
    hosts: {
      ...ALL,
      [`${far}.4`]: {},
      [`${link}.6`]: { macs: [MACS[1]] },
      [`${link}.7`]: { macs: [MACS[0]] },
    },
    names: NAMES,
    changes: [[`${far}.3`, 'name-changed', 'scanner', 'printer']],
  },
];

function rulesOf({ hosts }: Stage) {
  return {
    routers: { r1: '198.51.100.1' },
    hosts: Object.entries(hosts).map(([net, rule]) => ({
      name: net,
      net,
      delayMs: USUAL_DELAY_MS,
      ...rule,
    })),
  };
}

/** Of a mail server in the lab, for a name that is proved only to those who trust it. */
function certificateFor(folder: string): { readonly key: string; readonly cert: string } {
  const [key, cert] = [join(folder, 'key.pem'), join(folder, 'cert.pem')];
  const made = spawnSync(
    'openssl',
    [
      ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes'],
      ...['-days', '2', '-subj', '/CN=lab', '-addext', 'subjectAltName=IP:127.0.0.1'],
      ...['-keyout', key, '-out', cert],
    ],
    { encoding: 'utf8' },
  );
  assert.equal(made.status, 0, made.stderr);
  return { key, cert };
}

labTest('every kind of change is found, none is made up, and a mail tells of them', async () => {
  const folder = freshFolder();
  const { key, cert } = certificateFor(folder);
  const mails: { readonly secure: boolean; readonly user: string; readonly text: string }[] = [];
  const mailServer = new SMTPServer({
    key: readFileSync(key),
    cert: readFileSync(cert),
    disableReverseLookup: true,
    onAuth: ({ username, password }, _session, done) =>
      password === 'hush' ? done(null, { user: username! }) : done(new Error('wrong')),
    onData: (stream, { secure, user }, done) => {
      let text = '';
      stream.setEncoding('utf8').on('data', (part: string) => {
        text += part;
      });
      stream.on('end', () => {
        mails.push({ secure, user: String(user), text });
        done();
      });
    },
  });
  mailServer.on('error', () => {});
  await new Promise<void>((resolve) => mailServer.listen(18_587, '127.0.0.1', resolve));
  let names: Stage['names'] = {};
  const nameServer = await startNameServer(() => names);
  useNameServer('127.0.0.53');
  writeFileSync(
    join(folder, 'echosweep.yaml'),
    `gone-after: 1
mail: { host: 127.0.0.1, port: 18587, security: starttls, user: robot, password-env: PASSWORD, from: a@example.net, to: b@example.net }
networks:
  all: { targets: [${far}.1-${far}.5, ${link}.6-${link}.7], sweep: { timeout: 1000, retries: 1, rdns: true, rdns-timeout: 500 } }
`,
  );
  const env = { PASSWORD: 'hush', NODE_EXTRA_CA_CERTS: cert };
  try {
    for (const [n, stage] of STAGES.entries()) {
      names = stage.names;
      const simulation = await startSimulation(rulesOf(stage));
      spawnSync('ip', ['neigh', 'flush', 'dev', SIMULATED.interface]);
      const { code, stdout, stderr } = await echosweep(['inventory', 'scan', '-q'], {
        cwd: folder,
        env,
      });
      await simulation.end();
      assert.equal(code, 0, stderr);
      const found = parseCsv(stdout).map((row) => {
        const { address, change, before, after } = row;
        if (change !== 'slower') return [address, change, before, after];
        // A busy machine adds to both.
        assert.ok(Number(before) >= USUAL_DELAY_MS - 0.1, before);
        assert.ok(Number(after) >= SLOW_DELAY_MS - 0.1 && Number(after) > Number(before), after);
        return [address, change, '', ''];
      });
      assert.deepEqual(found, stage.changes, `scan ${n}`);
    }
    const { stdout } = await echosweep(['inventory', 'changes', '-q', '--only', 'mac-changed'], {
      cwd: folder,
    });
    assert.deepEqual(
      parseCsv(stdout).map((row) => [row['vendor_before'], row['vendor_after']]),
      [
        ['Cisco Systems, Inc', '(local)'],
        ['(local)', 'Cisco Systems, Inc'],
      ],
    );
  } finally {
    forgetNameServer();
    nameServer.close();
    await new Promise<void>((resolve) => mailServer.close(() => resolve()));
  }
  assert.deepEqual(
    mails.map(({ secure, user }) => [secure, user]),
    STAGES.filter(({ changes }) => changes.length > 0).map(() => [true, 'robot']),
  );
  const told = mails[1]!.text.replaceAll('=\r\n', '');
  assert.match(told, /mac-changed.*00:00:0c:00:00:06 Cisco Systems, Inc -> 02:.*\(local\)\r\n/);
});
