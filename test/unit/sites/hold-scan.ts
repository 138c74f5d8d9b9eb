/** A process for scan-lock.test.ts: holds a scan until it is killed, and says so; or says why it cannot. */

import { writeSync } from 'node:fs';
import { EchosweepError } from '../../../src/errors.ts';
import { lockScan } from '../../../src/sites/scan-lock.ts';

const [journal, scan] = process.argv.slice(2);
try {
  await lockScan(journal!, scan!);
  writeSync(1, 'held\n');
  // Nothing else keeps the process alive.
  setInterval(() => {}, 60_000);
} catch (error) {
  if (!(error instanceof EchosweepError)) throw error;
  writeSync(1, `${error.code}\n`);
}
