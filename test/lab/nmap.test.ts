/** nmap and echosweep about the same network: each reads what the other writes. */

import assert from 'node:assert/strict';
import { existsSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { describe } from 'node:test';
import { LAB } from './address-plan.ts';
import { rowsByAddress } from './csv.ts';
import { labTest, labTestUnless } from './lab-test.ts';
import { echosweep, type Finished, freshFolder, start } from './run.ts';

const DTD = '/usr/share/nmap/nmap.dtd';

/** Hosts that answer behind a router and on the local network, and some of each kind that do not. */
const TARGETS = [
  '10.79.0.0/29',
  '10.75.0.0/30',
  '10.100.0.0/29',
  '10.100.1.4-10.100.1.9',
  '10.77.0.1',
] as const;
const TARGETS6 = ['fd00:79::1', 'fd00:75::1', ...LAB.lanLive6.slice(1), 'fd00:100::99'] as const;

/** @returns why a test that needs them cannot run; undefined if all are installed */
function withoutPrograms(...programs: readonly string[]): string | undefined {
  const folders = (process.env['PATH'] ?? '').split(delimiter);
  const missing = programs.filter((name) => !folders.some((path) => existsSync(join(path, name))));
  return missing.length === 0 ? undefined : `needs ${missing.join(' and ')}`;
}

async function run(...command: readonly string[]): Promise<Finished> {
  const finished = await start(command).finished;
  assert.equal(finished.code, 0, `${command.join(' ')}: ${finished.stdout}${finished.stderr}`);
  return finished;
}

/** @returns the paths of its reports */
async function swept(
  ...args: readonly string[]
): Promise<{ readonly csv: string; readonly xml: string }> {
  const folder = freshFolder();
  const [csv, xml] = [join(folder, 'sweep.csv'), join(folder, 'sweep.xml')];
  const { code, stderr } = await echosweep(['-q', ...args, '-o', csv, '-o', xml]);
  assert.equal(code, 0, stderr);
  return { csv, xml };
}

/** @returns the report's path */
async function scanned(...args: readonly string[]): Promise<string> {
  const path = join(freshFolder(), 'nmap.xml');
  await run('nmap', '-sn', '-n', '-v', ...args, '-oX', path);
  return path;
}

/** The changes of who is up. */
async function changes(older: string, newer: string): Promise<string> {
  const { code, stdout, stderr } = await echosweep([
    ...['diff', '-q', '--only', 'new,gone,back,mac-changed', older, newer],
  ]);
  assert.equal(code, 0, stderr);
  return stdout.split('\n').slice(1).join('\n');
}

// Most of the time passes in waiting, so a few wait together.
describe('nmap and echosweep', { concurrency: 3 }, () => {
  labTestUnless(
    withoutPrograms('xmllint', 'nmap'),
    'a report in nmap’s XML is valid by nmap’s own DTD, whatever became of the hosts',
    async () => {
      const path = join(freshFolder(), 'scan.xml');
      const refused = [LAB.sendProhibited4, LAB.noRoute4].map((range) =>
        range.replace('/24', '/31'),
      );
      const targets = [...TARGETS, ...TARGETS6, ...refused, '10.64.1.1', 'nosuch.invalid'];
      const { code } = await echosweep(['-q', ...targets, LAB.linkLocalLive6[1], '-o', path]);
      assert.equal(code, 2, 'a name does not resolve');
      await run('xmllint', '--noout', '--dtdvalid', DTD, path);
      const xml = readFileSync(path, 'utf8');
      assert.match(
        xml,
        /<address addr="10\.100\.1\.7" addrtype="ipv4"\/>\n<address addr="[\dA-F:]{17}" addrtype="mac"/,
      );
      assert.match(xml, /<target specification="nosuch.invalid" status="skipped"/);
    },
  );

  labTestUnless(
    withoutPrograms('ndiff'),
    'ndiff compares two sweeps as it compares two scans of nmap',
    async () => {
      const before = await swept('10.79.0.1', '10.75.0.1');
      const after = await swept('10.79.0.2', '10.75.0.1');
      assert.equal((await start(['ndiff', before.xml, before.xml]).finished).code, 0);
      const { code, stdout } = await start(['ndiff', before.xml, after.xml]).finished;
      assert.equal(code, 1, 'they differ');
      assert.match(stdout, /^-10\.79\.0\.1:\n-Host is up\.$/m);
      assert.match(stdout, /^\+10\.79\.0\.2:\n\+Host is up\.$/m);
      assert.doesNotMatch(stdout, /^.?10\.75\.0\.1/m);
    },
  );

  labTestUnless(
    withoutPrograms('nmap'),
    'diff finds nothing new and nothing gone between a scan of nmap and a sweep',
    async () => {
      for (const [targets, option] of [
        [TARGETS, '-4'],
        [TARGETS6, '-6'],
      ] as const) {
        const nmapTargets = targets.map((target) => target.replace(/-[\d.]+\.(\d+)$/, '-$1'));
        const nmap = await scanned(...(option === '-6' ? ['-6'] : []), ...nmapTargets);
        const { csv, xml } = await swept(...targets, '--include-edges');
        assert.equal(await changes(nmap, csv), '');
        assert.equal(await changes(csv, nmap), '');
        assert.equal(await changes(nmap, xml), '');
        const up = [...rowsByAddress(readFileSync(csv, 'utf8')).values()].filter(
          ({ status }) => status === 'up',
        );
        assert.ok(up.length > 3);
      }
    },
  );

  labTest('a sweep in XML differs in nothing from the same sweep in CSV', async () => {
    const { csv, xml } = await swept(...TARGETS, ...TARGETS6, LAB.linkLocalLive6[1]);
    const { code, stderr } = await echosweep(['diff', '--fail-on-change', csv, xml]);
    assert.equal(code, 0, stderr);
  });
});
