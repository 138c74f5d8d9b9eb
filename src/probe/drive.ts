/** Runs a prober on its transport until it has nothing left to do. */

import type { Transport } from '../transport/contract.ts';
import type { Prober } from './prober.ts';

/** The event loop turns at least this often, so that new blocks come in while others are being probed. */
const TURN_EVERY_NS = 4_000_000;

/** Steps the prober until it is no longer busy. */
export async function drive(prober: Prober, transport: Transport): Promise<void> {
  let turnedAtNs = transport.nowNs();
  while (prober.busy) {
    const pauseNs = prober.step();
    if (pauseNs > 0 && prober.busy) await transport.wait(pauseNs / 1e6);
    if (transport.nowNs() - turnedAtNs > TURN_EVERY_NS) {
      await new Promise((resolve) => setImmediate(resolve));
      turnedAtNs = transport.nowNs();
    }
  }
}
