/** The worker's entry: claims its sockets when it starts, then probes the blocks that it is given, several at once. */

import { type MessagePort, threadId, workerData } from 'node:worker_threads';
import { Piscina } from 'piscina';
import type { FinalHostOutlet } from '../src/probe/final-host-queue.ts';
import { Prober } from '../src/probe/prober.ts';
import { ProberLoop } from '../src/probe/prober-loop.ts';
import { SharedState } from '../src/probe/shared-state.ts';
import { type BlockResults, memoryOf } from '../src/results/block-results.ts';
import { transferEarly } from '../src/results/early-transfer.ts';
import type { FinalHosts } from '../src/results/final-hosts.ts';
import { loadNativeSockets } from '../src/transport/load-native-sockets.ts';
import type { ProbeAnswer, ProbeTask, WorkerSetup } from './messages.ts';

/** A slot is free again once the coordinator has noticed that its owner died. */
const CLAIM_TRIES = 500;
const CLAIM_PAUSE_MS = 10;

transferEarly();
const setup: WorkerSetup = workerData;
// Without `await` at the top, so that this can be bundled as CommonJS, which a thread loads sooner than modules.
const started = start();

async function start(): Promise<{ readonly prober: Prober; readonly loop: ProberLoop }> {
  const native = await loadNativeSockets(setup.kind);
  const slot = claimSlot(setup.claims);
  const transport = native.transportOver(setup.sockets[slot]!, setup.options);
  const prober = new Prober(transport, new SharedState(setup.shared), {
    ...setup.prober,
    worker: slot,
  });
  // Later than now: Node still has to finish with this module after its last line.
  setImmediate(() => Atomics.store(setup.loaded, slot, threadId));
  return { prober, loop: new ProberLoop(prober, transport) };
}

/** Probes a block. A failure is an answer; rejects only if this worker could not start. */
export default async function probeBlock({
  finals,
  spare = [],
  ...block
}: ProbeTask): Promise<ProbeAnswer> {
  const { prober, loop } = await started;
  try {
    prober.reuse(spare);
    const results = await loop.probe(block, finals && new PortOutlet(finals));
    return results === undefined ? { ok: true, results } : transferred(results);
  } catch (error) {
    return {
      ok: false,
      message: error instanceof Error ? (error.stack ?? error.message) : String(error),
    };
  } finally {
    finals?.close();
  }
}

class PortOutlet implements FinalHostOutlet {
  isReady = true;
  private readonly port: MessagePort;

  constructor(port: MessagePort) {
    this.port = port;
    port.on('message', () => {
      this.isReady = true;
    });
  }

  take(final: FinalHosts): void {
    this.isReady = false;
    this.port.postMessage(final);
  }
}

function claimSlot(claims: Int32Array): number {
  for (let tries = 0; tries < CLAIM_TRIES; tries++) {
    for (let free = 0; free < claims.length; free++) {
      if (Atomics.compareExchange(claims, free, 0, threadId) === 0) return free;
    }
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, CLAIM_PAUSE_MS);
  }
  throw new Error('no sockets are left for another worker');
}

/** Marks the columns to be moved to the coordinator's thread instead of copied. */
function transferred(results: BlockResults): ProbeAnswer {
  const answer: ProbeAnswer = { ok: true, results };
  const { firsts, offsets } = results.targets;
  const buffers = [...memoryOf(results), firsts.buffer, offsets.buffer];
  // The other side receives the value, so the value is what the task returns.
  return Piscina.move({
    [Piscina.transferableSymbol]: buffers,
    [Piscina.valueSymbol]: answer,
  } as unknown as ArrayBuffer) as unknown as ProbeAnswer;
}
