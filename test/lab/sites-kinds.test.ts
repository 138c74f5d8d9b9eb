/** Sweeps at sites of what is not plain IPv4: IPv6 targets, names that a site's own name server has, and one network over two machines. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { type CsvRow, parseCsv } from './csv.ts';
import { labTestUnless } from './lab-test.ts';
import { forgetNameServer, startNameServer, useNameServer } from './name-server.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { echosweep } from './run.ts';
import { hubAddress, SiteLab } from './site-lab.ts';

const MISSING = TRIED_SERVERS[0]!.missing;
const DEADLINE_MS = 170_000;
const SITES = [{ name: 'berlin' }, { name: 'paris', silent6: 'fd00:200::200/119' }] as const;

const siteTest = (promise: string, body: () => Promise<void>): void =>
  labTestUnless(MISSING, promise, body, DEADLINE_MS);

describe('sites sweep', () => {
  let lab: SiteLab;
  let closeNames = (): void => {};

  before(async () => {
    if (MISSING !== undefined || process.env['LAB_SKIP'] !== undefined) return;
    lab = await SiteLab.open(SITES, { program: TRIED_SERVERS[0]!.program!.path });
    lab.tune({ chunkHosts: 256 });
    // Only Berlin has a line to it.
    const names = await startNameServer(
      () => ({ 11: 'printer' }),
      {},
      'no-such-name',
      hubAddress(0),
    );
    useNameServer(hubAddress(0));
    closeNames = () => {
      forgetNameServer();
      names.close();
    };
    for (const { name } of SITES) await lab.startAgent(name, 'a1');
  });
  after(async () => {
    closeNames();
    await lab?.close();
  });

  /** The rows of a sweep. */
  async function swept(...args: readonly string[]): Promise<CsvRow[]> {
    const report = join(lab.folder, 'report.csv');
    const all = [...args, '--hub', lab.hub, '-o', report, '-r', '0', '-t', '300'];
    const { code, stderr } = await echosweep(all, { deadlineMs: DEADLINE_MS });
    assert.equal(code, 0, stderr);
    return parseCsv(readFileSync(report, 'utf8'));
  }

  siteTest('IPv6 targets, each site its own', async () => {
    const rows = await swept('fd00:200::/118', '--sites', 'berlin,paris', '--include-edges');
    const found = rows.map(({ site, address, status }) => `${site} ${address} ${status}`);
    const truth = (['berlin', 'paris'] as const).flatMap((site) =>
      Array.from({ length: 1024 }, (_, host) => {
        const isUp = site === 'berlin' || host < 512;
        const address = host === 0 ? 'fd00:200::' : `fd00:200::${host.toString(16)}`;
        return `${site} ${address} ${isUp ? 'up' : 'down'}`;
      }),
    );
    assert.deepEqual(found, truth);
  });

  siteTest('with the names that they know themselves', async () => {
    const rows = await swept('10.200.0.8-10.200.0.12', '-d', '--sites', 'berlin,paris');
    const named = rows.map(({ site, address, hostname }) => `${site} ${address} ${hostname}`);
    assert.deepEqual(
      named,
      ['berlin', 'paris'].flatMap((site) =>
        [8, 9, 10, 11, 12].map((host) => {
          const name = site === 'berlin' && host === 11 ? 'printer' : '';
          return `${site} 10.200.0.${host} ${name}`;
        }),
      ),
    );
  });

  siteTest('one network together, each address once', async () => {
    const args = ['10.200.0.0/20', '--include-edges', '--rate', '8000'];
    const rows = await swept(...args, '--spread', 'berlin,paris');
    assert.deepEqual(
      rows.map(({ address, status }) => `${address} ${status}`),
      Array.from({ length: 4096 }, (_, host) => `10.200.${host >> 8}.${host & 255} up`),
    );
    assert.equal('site' in rows[0]!, false);
  });
});
