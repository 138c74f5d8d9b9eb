/** Which engine works for whom: what `auto` takes and what `doctor` says, held against what then really works. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { LAB } from './address-plan.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import {
  LAB_NODE,
  LAB_PACKAGE,
  ONE_GROUP,
  unlessRealRoot,
  withoutPrivileges,
} from './ordinary-user.ts';
import { type Finished, start } from './run.ts';
import { hostIn } from './sweep-report.ts';

const ENGINES = ['raw', 'dgram', 'icmp', 'raw-socket', 'system'] as const;
/** Windows' own: nothing makes it work here. */
const OF_WINDOWS = 'icmp';
const TARGET = hostIn(LAB.live4);
const PING_GROUPS = '/proc/sys/net/ipv4/ping_group_range';

const isSkipped = process.env['LAB_SKIP'] !== undefined;
const onlyRealRoot = unlessRealRoot(ONE_GROUP);

/** Put before a command. */
type Person = readonly string[];
const ROOT: Person = [];
/** No capability, and none to be had from a file. */
const POWERLESS: Person = isSkipped ? [] : withoutPrivileges();
/** An ordinary user of a machine, for whom `ping` may have the capability that it needs. */
const USER: Person = ['setpriv', '--reuid', '65534', '--regid', '65534', '--clear-groups', '--'];

function run(person: Person, ...args: string[]): Promise<Finished> {
  return start([...person, LAB_NODE, `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`, ...args])
    .finished;
}

interface Diagnosis {
  readonly code: number | null;
  readonly works: Readonly<Record<string, boolean>>;
  /** By engine, the commands that would make it work. */
  readonly remedies: Readonly<Record<string, readonly string[]>>;
  readonly taken: string;
}

async function doctor(person: Person): Promise<Diagnosis> {
  const { code, stdout, stderr } = await run(person, 'doctor');
  assert.equal(stderr, '');
  const works: Record<string, boolean> = {};
  const remedies: Record<string, string[]> = {};
  let engine = '';
  for (const line of stdout.trimEnd().split('\n')) {
    const verdict = /^(\S+) +(works|no) +\S/.exec(line);
    if (verdict !== null) {
      engine = verdict[1]!;
      works[engine] = verdict[2] === 'works';
      remedies[engine] = [];
    } else if (line.startsWith(' ')) remedies[engine]!.push(line.trim());
  }
  return { code, works, remedies, taken: /^auto takes +(\S+)/m.exec(stdout)![1]! };
}

/** Holds the diagnosis against sweeps that ask for each engine by name. */
async function assertTrue(
  { code, works, remedies, taken }: Diagnosis,
  person: Person,
): Promise<void> {
  assert.deepEqual(Object.keys(works), [...ENGINES]);
  for (const engine of ENGINES) {
    const { code: swept, stdout } = await run(person, '--engine', engine, TARGET);
    assert.equal(swept, works[engine] ? 0 : 4, `${engine}, of which doctor says ${works[engine]}`);
    if (works[engine]) assert.match(stdout, /,up,echo-reply,/);
    const isAdvised = !works[engine] && engine !== OF_WINDOWS;
    assert.equal(remedies[engine]!.length > 0, isAdvised, `${engine} and its remedies`);
  }
  const best = ENGINES.find((engine) => works[engine]);
  assert.equal(taken.replace(/:$/, ''), best ?? 'none');
  assert.equal(code, best === undefined ? 4 : 0);
  const auto = await run(person, '--format', 'jsonl', TARGET);
  assert.equal(auto.code, best === undefined ? 4 : 0, auto.stderr);
  if (best === undefined) {
    assert.match(auto.stderr, /^echosweep: no engine works here: `echosweep doctor` .*\n$/);
    assert.equal(auto.stdout, '');
  } else {
    const [first] = auto.stdout.split('\n');
    assert.equal(JSON.parse(first!).engine, best);
  }
}

async function withPingGroups(range: string, body: () => Promise<void>): Promise<void> {
  const before = readFileSync(PING_GROUPS, 'utf8');
  writeFileSync(PING_GROUPS, range);
  try {
    await body();
  } finally {
    writeFileSync(PING_GROUPS, before);
  }
}

labTest('root is given raw sockets, and doctor tells the truth', async () => {
  const diagnosis = await doctor(ROOT);
  assert.equal(diagnosis.works['raw'], true);
  await assertTrue(diagnosis, ROOT);
});

labTest('somebody without privileges is given dgram, and doctor tells the truth', async () => {
  const diagnosis = await doctor(POWERLESS);
  assert.equal(diagnosis.works['raw'], false);
  assert.equal(diagnosis.taken, 'dgram');
  await assertTrue(diagnosis, POWERLESS);
});

labTest('an engine that is not allowed is refused in one line that names the doctor', async () => {
  const { code, stdout, stderr } = await run(POWERLESS, '--engine', 'raw', TARGET);
  assert.equal(code, 4);
  assert.equal(stdout, '');
  assert.match(stderr, /^echosweep: cannot open a raw ICMP socket.*`echosweep doctor`.*\n$/);
});

labTestUnless(onlyRealRoot, 'where ping sockets are closed, ping itself is taken', async () => {
  await withPingGroups('1 0', async () => {
    const diagnosis = await doctor(USER);
    assert.equal(diagnosis.works['dgram'], false);
    // The shell keeps nothing that setpriv might pass on, as Node does not.
    const ping = await start([...USER, 'sh', '-c', 'ping -c1 127.0.0.1']).finished;
    assert.equal(diagnosis.taken, ping.code === 0 ? 'system' : 'none:');
    await assertTrue(diagnosis, USER);
    if (ping.code !== 0) return;
    // The package raw-socket lacks this option, and is not allowed here anyway.
    const { code, stdout } = await run(USER, '--source', '127.0.0.1', '127.0.0.1');
    assert.equal(code, 0);
    assert.match(stdout, /,up,echo-reply,/);
  });
});

labTestUnless(
  onlyRealRoot,
  'where nothing is allowed, nothing is swept and nobody called down',
  async () => {
    await withPingGroups('1 0', async () => {
      for (const person of [POWERLESS, [...USER.slice(0, -1), '--no-new-privs', '--']]) {
        const diagnosis = await doctor(person);
        assert.equal(diagnosis.taken, 'none:');
        await assertTrue(diagnosis, person);
      }
    });
  },
);

labTestUnless(onlyRealRoot, "doctor's remedy for dgram makes it work", async () => {
  await withPingGroups('1 0', async () => {
    const { remedies } = await doctor(POWERLESS);
    const setting = /^sudo sysctl -w net\.ipv4\.ping_group_range="([\d ]+)"$/;
    const found = remedies['dgram']!.map((line) => setting.exec(line)?.[1]).find(Boolean);
    assert.ok(found !== undefined, remedies['dgram']!.join('\n'));
    writeFileSync(PING_GROUPS, found);
    assert.equal((await doctor(POWERLESS)).works['dgram'], true);
  });
});

labTest(
  'doctor advises no capability where no program can have it, as in a container',
  async () => {
    const { remedies } = await doctor(POWERLESS);
    for (const engine of ['raw', 'raw-socket', 'system']) {
      assert.doesNotMatch(remedies[engine]!.join('\n'), /setcap|AmbientCap|sudo echosweep/);
    }
    assert.match(remedies['raw']![0]!, /^docker run --cap-add=NET_RAW /);
  },
);

labTest('doctor blames the loopback interface for a silence of 127.0.0.1', async () => {
  const { code, remedies } = await doctor(['unshare', '--net']);
  assert.equal(code, 4);
  assert.match(remedies['raw']!.join('\n'), /^sudo ip link set lo up {3}\(.*\)$/);
});
