/** Passes rows on as they become final, each once, while the blocks that they belong to are still being probed. */

import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import type { BlockTargets } from '../results/block-targets.ts';
import type { FinalHosts } from '../results/final-hosts.ts';
import { HostCursor, ROWS_AT_ONCE } from '../results/host-cursor.ts';
import type { HostResult } from '../results/host-result.ts';
import type { BlockEngine, PlannedBlock } from './block-engine.ts';

type OnRows = (rows: Iterable<HostResult>) => Promise<void>;
type HostnamesOf = (results: BlockResults) => Promise<ReadonlyMap<string, string>>;

/** Whether what the sweep learns about other hosts may still change the row of a host. */
export type MayChange = (results: BlockResults, host: number) => boolean;

export class RowStream {
  private readonly onRows: OnRows;
  private readonly hostnamesOf: HostnamesOf;
  /** By block that is not finished: 1 for each host whose row has been passed on. */
  private readonly passedOn = new Map<BlockTargets, Uint8Array>();
  /** Ends when all rows so far have been taken. */
  private tail: Promise<void> = Promise.resolve();
  private failure: { readonly error: unknown } | undefined;

  /** @param onRows never called again before its promise has resolved @param hostnamesOf the names of a block's hosts */
  constructor(onRows: OnRows, hostnamesOf: HostnamesOf) {
    this.onRows = onRows;
    this.hostnamesOf = hostnamesOf;
  }

  /**
   * The engine with its rows passed on: a block ends only when its rows have been taken. A row that may change waits for
   * `finish`.
   */
  over(
    engine: Pick<BlockEngine, 'window' | 'probe'>,
    mayChange: MayChange,
  ): Pick<BlockEngine, 'window' | 'probe'> {
    return { window: engine.window, probe: (block) => this.probe(engine, block, mayChange) };
  }

  /** The rows that are left of a block. */
  async finish(results: BlockResults): Promise<void> {
    const passedOn = this.passedOn.get(results.targets);
    if (passedOn === undefined) return;
    this.passedOn.delete(results.targets);
    await this.passOn(results, allHosts(results), passedOn, () => false);
  }

  /** Rows that come from elsewhere and are final. */
  write(rows: Iterable<HostResult>): Promise<void> {
    const written = this.tail.then(() => this.onRows(rows));
    this.tail = written.catch(() => {});
    return written;
  }

  private async probe(
    engine: Pick<BlockEngine, 'probe'>,
    block: PlannedBlock,
    mayChange: MayChange,
  ): Promise<BlockResults | undefined> {
    const passedOn = new Uint8Array(block.targets.count);
    const results = await engine.probe(block, async (final) => {
      try {
        await this.passOn(final.results, final.hosts, passedOn, mayChange);
      } catch (error) {
        this.failure ??= { error };
      }
    });
    if (this.failure !== undefined) throw this.failure.error;
    if (results === undefined) return undefined;
    await this.passOn(results, allHosts(results), passedOn, mayChange);
    this.passedOn.set(results.targets, passedOn);
    return results;
  }

  /** @param hosts their numbers in the block, by their numbers in `results` */
  private async passOn(
    results: BlockResults,
    hosts: FinalHosts['hosts'],
    passedOn: Uint8Array,
    mayChange: MayChange,
  ): Promise<void> {
    const wanted: number[] = [];
    hosts.forEach((host, at) => {
      if (passedOn[host] === 1 || results.status[at] === NOT_COVERED || mayChange(results, at)) {
        return;
      }
      passedOn[host] = 1;
      wanted.push(at);
    });
    if (wanted.length === 0) return;
    const hostnames = await this.hostnamesOf(results);
    for (let first = 0; first < wanted.length; first += ROWS_AT_ONCE) {
      await this.write(rowsOf(results, hostnames, wanted.slice(first, first + ROWS_AT_ONCE)));
    }
  }
}

function allHosts({ targets }: BlockResults): Uint32Array {
  return Uint32Array.from({ length: targets.count }, (_, host) => host);
}

function rowsOf(
  results: BlockResults,
  hostnames: ReadonlyMap<string, string>,
  hosts: readonly number[],
): Iterable<HostResult> {
  return {
    *[Symbol.iterator]() {
      const cursor = new HostCursor(results, hostnames);
      for (const host of hosts) {
        cursor.moveTo(host);
        yield cursor;
      }
    },
  };
}
