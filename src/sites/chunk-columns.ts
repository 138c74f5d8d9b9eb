/** Puts the blocks of a sweep in their places in the columns of a chunk. */

import {
  type BlockResults,
  emptyResults,
  MAC_OCTETS,
  NOT_COVERED,
} from '../results/block-results.ts';
import { type BlockTargets, indexOfAddress, writeAddress } from '../results/block-targets.ts';
import { InternedTexts } from '../results/interned-texts.ts';
import { type MacConflict, MOST_MAC_CONFLICTS } from '../results/run-record.ts';

export class ChunkColumns {
  private readonly targets: BlockTargets;
  private readonly names = new Map<string, string>();
  private readonly responders = new InternedTexts();
  private readonly errnos = new InternedTexts();
  private readonly macConflicts: MacConflict[] = [];
  private columns: BlockResults | undefined;

  constructor(targets: BlockTargets) {
    this.targets = targets;
  }

  /** By canonical address, so far. */
  get hostnames(): ReadonlyMap<string, string> {
    return this.names;
  }

  /** @param hostnames of the block's hosts */
  add(block: BlockResults, hostnames: ReadonlyMap<string, string>): void {
    const to = this.columnsFor(block);
    const view = new DataView(new ArrayBuffer(16));
    for (let from = 0; from < block.targets.count; from++) {
      writeAddress(block.targets, from, view, 0);
      const at = indexOfAddress(this.targets, view, 0);
      if (at >= 0) this.copy(block, from, to, at);
    }
    for (const [address, name] of hostnames) this.names.set(address, name);
    const room = MOST_MAC_CONFLICTS - this.macConflicts.length;
    this.macConflicts.push(...block.macConflicts.slice(0, room));
  }

  /** Hosts of which nothing was added are not covered. */
  results(): BlockResults {
    return {
      ...(this.columns ?? uncovered(this.targets, 1)),
      responders: this.responders.texts,
      errnos: this.errnos.texts,
      macConflicts: this.macConflicts,
    };
  }

  private columnsFor(block: BlockResults): BlockResults {
    const columns = this.columns ?? uncovered(this.targets, block.probesPerHost);
    const lacksMacs = columns.macs.length === 0 && block.macs.length > 0;
    this.columns = lacksMacs
      ? { ...columns, macs: new Uint8Array(this.targets.count * MAC_OCTETS) }
      : columns;
    return this.columns;
  }

  private copy(block: BlockResults, from: number, to: BlockResults, at: number): void {
    to.status[at] = block.status[from]!;
    to.reason[at] = block.reason[from]!;
    to.icmpType[at] = block.icmpType[from]!;
    to.icmpCode[at] = block.icmpCode[from]!;
    to.ttl[at] = block.ttl[from]!;
    to.sent[at] = block.sent[from]!;
    to.received[at] = block.received[from]!;
    to.duplicates[at] = block.duplicates[from]!;
    to.startedAtMs[at] = block.startedAtMs[from]!;
    const responder = block.responder[from]!;
    if (responder !== 0)
      to.responder[at] = 1 + this.responders.indexOf(block.responders[responder - 1]!);
    const errno = block.errno[from]!;
    if (errno !== 0) to.errno[at] = 1 + this.errnos.indexOf(block.errnos[errno - 1]!);
    const probes = Math.min(block.probesPerHost, to.probesPerHost);
    const first = from * block.probesPerHost;
    to.marks.set(block.marks.subarray(first, first + probes), at * to.probesPerHost);
    to.rttNs.set(block.rttNs.subarray(first, first + probes), at * to.probesPerHost);
    if (block.macs.length === 0) return;
    const mac = block.macs.subarray(from * MAC_OCTETS, (from + 1) * MAC_OCTETS);
    to.macs.set(mac, at * MAC_OCTETS);
  }
}

function uncovered(targets: BlockTargets, probesPerHost: number): BlockResults {
  const results = emptyResults(targets, probesPerHost);
  results.status.fill(NOT_COVERED);
  return results;
}
