/** An interface that cannot send as fast as it is asked to: its full queue is waited for, and is no loss. */

import assert from 'node:assert/strict';
import { labTestUnless } from './lab-test.ts';
import { noShaping, tc } from './shaping.ts';
import { sweep } from './sweep-report.ts';

/** Some 10,000 probes a second, and room for a hundred: both far below what a sweep without a limit asks for. */
const SLOW = 'root tbf rate 8mbit burst 4kb limit 10kb';
const HOSTS = 8190;

for (const [engine, as] of [
  ['raw', 'root'],
  ['dgram', 'ordinary-user'],
] as const) {
  labTestUnless(noShaping, `${engine} loses no probe to a full interface`, async () => {
    assert.equal(tc(`add dev lab-r1 ${SLOW}`), '');
    try {
      const options = `--engine ${engine} --rate max -r 0`;
      const { run } = await sweep(options, ['10.79.96.0/19'], { as });
      assert.deepEqual([run.statuses['up'], run.packets['sent']], [HOSTS, HOSTS]);
      assert.ok(run.packets['send_waits']! > 0, 'the interface was never full');
      assert.deepEqual([run.failure, run.doubts], [null, []]);
    } finally {
      tc('del dev lab-r1 root');
    }
  });
}
