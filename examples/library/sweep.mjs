/** Sweeps part of the loopback network from a program: prints each host as it arrives, then a line from the run record. */

import process from 'node:process';
import { EchosweepError, sweep } from 'echosweep';

try {
  const run = sweep({
    targets: ['127.0.0.0/29', '127.0.1.1-3'],
    exclude: '127.0.0.4',
    timeoutMs: 500,
    // Ends the sweep early; finished hosts are still delivered.
    signal: AbortSignal.timeout(30_000),
  });
  for await (const host of run) {
    const rtt = host.rttAvgMs === null ? '' : `${host.rttAvgMs.toFixed(3)} ms`;
    console.log(host.address, host.status, host.reason, rtt);
  }
  const { engine, statuses, partial } = await run.summary;
  console.log(`${statuses.up} up, ${statuses.down} down, engine ${engine}`);
  if (partial) console.log('stopped before every target was probed');
} catch (error) {
  // Whatever happens to a host is a result. An exception stops the whole sweep; its message says what to do.
  if (!(error instanceof EchosweepError)) throw error;
  console.error(`${error.code}: ${error.message}`);
  process.exitCode = 1;
}
