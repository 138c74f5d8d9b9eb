/** Connects to the broker as the hub, or says why that is not possible now. */

import { EchosweepError } from '../../errors.ts';
import type { BrokerAccess } from '../join-file.ts';
import { NatsHub } from './nats-hub.ts';

const CONNECT_WITHIN_MS = 15_000;

/** @throws EchosweepError BROKER_REFUSED if no address of the broker can be reached now, or the key is refused */
export async function connectHub(access: BrokerAccess): Promise<NatsHub> {
  const broker = new NatsHub(access);
  const failed = new AbortController();
  const reasons: string[] = [];
  broker.onConnection((state) => {
    if (state.isConnected) return;
    reasons.push(state.why);
    if (reasons.length >= access.urls.length) failed.abort();
  });
  try {
    const signal = AbortSignal.any([failed.signal, AbortSignal.timeout(CONNECT_WITHIN_MS)]);
    await broker.whenConnected(signal);
    if (!signal.aborted) return broker;
    const [first = 'the hub does not answer'] = reasons;
    throw new EchosweepError('BROKER_REFUSED', first, 'start it with echosweep hub run');
  } catch (error) {
    await broker.close();
    throw error;
  }
}
