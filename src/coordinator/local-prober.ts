/** Probes on the coordinator's own thread: a small sweep, half of a larger one, or all for the engine that cannot live in a worker. */

import { EchosweepError } from '../errors.ts';
import type { ProberSetup } from '../probe/active-block.ts';
import type { FinalHostOutlet } from '../probe/final-host-queue.ts';
import { Prober } from '../probe/prober.ts';
import { ProberLoop } from '../probe/prober-loop.ts';
import type { SharedState } from '../probe/shared-state.ts';
import { type BlockResults, memoryOf } from '../results/block-results.ts';
import type { OnFinalHosts } from '../results/final-hosts.ts';
import type { Transport } from '../transport/contract.ts';
import type { BlockEngine, BlockNumbers, PlannedBlock } from './block-engine.ts';

const WINDOW = 16;

export class LocalProber implements BlockEngine {
  readonly window = WINDOW;
  private readonly transport: Transport;
  private readonly prober: Prober;
  private readonly loop: ProberLoop;
  private readonly numbers: BlockNumbers;

  /** Takes the transport over: `close` closes it. */
  constructor(
    transport: Transport,
    shared: SharedState,
    setup: ProberSetup,
    numbers: BlockNumbers,
  ) {
    this.transport = transport;
    this.numbers = numbers;
    this.prober = new Prober(transport, shared, setup);
    this.loop = new ProberLoop(this.prober, transport, true);
  }

  probe(block: PlannedBlock, onFinal?: OnFinalHosts): Promise<BlockResults | undefined> {
    return this.loop.probe(this.numbers.number(block), onFinal && outletTo(onFinal));
  }

  reuse(results: BlockResults): void {
    this.prober.reuse(memoryOf(results));
  }

  get socketFailure(): EchosweepError | undefined {
    const { endReason } = this.transport;
    if (endReason === undefined) return undefined;
    return new EchosweepError(
      'SOCKET_FAILED',
      `the system ended a socket (${endReason})`,
      'sweep again: what is known of the hosts probed after that is not reliable',
    );
  }

  async close(): Promise<void> {
    try {
      await this.loop.run();
    } finally {
      this.transport.close();
    }
  }
}

function outletTo(onFinal: OnFinalHosts): FinalHostOutlet {
  let isReady = true;
  return {
    get isReady() {
      return isReady;
    },
    take(final) {
      isReady = false;
      void onFinal(final).then(() => {
        isReady = true;
      });
    },
  };
}
