/** Lines that need far longer for a large message than the broker for its answer. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HUB_FILE } from '../../src/sites/hub-file.ts';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { echosweep, until } from './run.ts';
import { noShaping, tc } from './shaping.ts';
import { hubAddress, SiteLab } from './site-lab.ts';

const { missing, program } = TRIED_SERVERS[0]!;
const DEADLINE_MS = 170_000;
/** The result has some 100 kB, and takes about 20 seconds. */
const LINE = 'root tbf rate 40kbit burst 4kb limit 1mb';
const SWEEP = ['10.200.0.0/22', '-c', '100', '-p', '10', '--rate', 'max', '-t', '300'];

labTestUnless(
  missing ?? noShaping,
  'a result is sent once over a slow line, which is not taken for one that is cut',
  async () => {
    const lab = await SiteLab.open([{ name: 'berlin' }], { program: program!.path });
    try {
      const agent = await lab.startAgent('berlin', 'a1');
      assert.equal(tc(`add dev wan ${LINE}`, 'berlin'), '');
      const where = ['--sites', 'berlin', '--hub', lab.hub, '-o', join(lab.folder, 'report.csv')];
      const swept = await echosweep([...SWEEP, ...where], { deadlineMs: DEADLINE_MS });
      assert.equal(swept.code, 0, swept.stderr);
      await until('the broker has confirmed it', () => agent.log().includes('hosts up'));
      assert.match(agent.log(), /^echosweep: connected to the hub\n.*1,022 hosts up.*\n$/);
    } finally {
      await lab.close();
    }
  },
  DEADLINE_MS,
);

/** A chunk with every port has some 380 kB, and takes about 8 seconds. */
const DOWNLINK = 'root tbf rate 400kbit burst 4kb limit 4mb';
const PORTS = Array.from({ length: 65_535 }, (_, i) => String(i + 1));
const EVERY_PORT = Array.from({ length: 4 }, (_, i) => [
  '--tcp',
  PORTS.slice(i * 16_384, (i + 1) * 16_384).join(','),
]).flat();

labTestUnless(
  missing ?? noShaping,
  'a chunk that takes longer than a request for one is kept is taken at once',
  async () => {
    const lab = await SiteLab.open([{ name: 'berlin' }], { program: program!.path });
    try {
      await lab.startAgent('berlin', 'a1');
      assert.equal(tc(`add dev lab-site0 ${DOWNLINK}`), '');
      const where = ['--sites', 'berlin', '--hub', lab.hub, '-o', join(lab.folder, 'ports.csv')];
      const args = ['10.200.0.0/30', ...EVERY_PORT, ...where];
      const swept = await echosweep(args, { deadlineMs: 100_000 });
      assert.equal(swept.code, 0, swept.stderr);
      assert.ok(swept.ms < 50_000, `${swept.ms} ms: as long as a lease`);
    } finally {
      await lab.close();
    }
  },
  DEADLINE_MS,
);

/** The same chunk takes about 8 seconds, longer than the broker has for its answer to a short message. */
const UPLINK = 'root tbf rate 400kbit burst 4kb limit 4mb';

labTestUnless(
  missing ?? noShaping,
  'a chunk that is offered over a slow line is offered and swept once',
  async () => {
    const sites = [{ name: 'berlin' }, { name: 'office' }];
    const lab = await SiteLab.open(sites, { program: program!.path });
    try {
      const agent = await lab.startAgent('berlin', 'a1');
      const hub = join(lab.folder, 'office.json');
      const facts = JSON.parse(readFileSync(join(lab.hub, HUB_FILE), 'utf8')) as object;
      const urls = [`tls://${hubAddress(1)}:4222`];
      writeFileSync(hub, JSON.stringify({ ...facts, urls }), { mode: 0o600 });
      assert.equal(tc(`add dev wan ${UPLINK}`, 'office'), '');
      const where = ['--sites', 'berlin', '--hub', hub, '-o', join(lab.folder, 'office.csv')];
      const args = ['10.200.0.0/30', ...EVERY_PORT, ...where];
      const swept = await lab.startAt('office', args).finished;
      assert.equal(swept.code, 0, swept.stderr);
      assert.doesNotMatch(swept.stderr, /does not take messages/);
      assert.match(agent.log(), /^echosweep: connected to the hub\n.*2 hosts up.*\n$/);
    } finally {
      await lab.close();
    }
  },
  DEADLINE_MS,
);
