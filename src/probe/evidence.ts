/** What packets said about the hosts of a block: who, which error, what TTL; and the results made of it in the end. */

import { type Family, formatAddressBytes } from '../address.ts';
import { type BlockResults, MAC_OCTETS, macText, NOT_COVERED } from '../results/block-results.ts';
import { addressText } from '../results/block-targets.ts';
import { type Reason, reasonNumber, reasonOfErrno, statusNumber } from '../results/outcome.ts';
import { type HostBlock, MARK } from './host-block.ts';

/** Of one block: a network where everybody claims everything fills no memory. */
const MOST_MAC_CONFLICTS = 16;

/** Texts kept once each and named by number, 0 for none. */
class Names {
  readonly texts: string[] = [];
  private readonly numbers = new Map<number | string, number>();

  numberOf(key: number | string, text: () => string): number {
    const known = this.numbers.get(key);
    if (known !== undefined) return known;
    this.texts.push(text());
    this.numbers.set(key, this.texts.length);
    return this.texts.length;
  }
}

export class Evidence {
  /** MAC addresses of on-link hosts, 6 octets each; all 0 where it is not known. */
  readonly macs: Uint8Array;
  private readonly block: HostBlock;
  private readonly ttl: Uint8Array;
  private readonly icmpType: Uint8Array;
  private readonly icmpCode: Uint8Array;
  private readonly errorReason: Uint8Array;
  private readonly responder: Uint32Array;
  private readonly responders = new Names();
  private readonly errno: Uint8Array;
  private readonly errnos = new Names();
  private readonly macConflicts: string[] = [];

  constructor(block: HostBlock) {
    const { count } = block.setup.targets;
    this.block = block;
    this.ttl = new Uint8Array(count);
    this.icmpType = new Uint8Array(count);
    this.icmpCode = new Uint8Array(count);
    this.errorReason = new Uint8Array(count);
    this.responder = new Uint32Array(count);
    this.errno = new Uint8Array(count);
    this.macs = new Uint8Array(block.setup.onLink ? count * MAC_OCTETS : 0);
  }

  /** A host's first reply: it beats every error. `source` is given where another address than the target answered. */
  noteFirstReply(host: number, ttl: number, source: DataView | undefined, offset: number): void {
    this.ttl[host] = ttl;
    this.icmpType[host] = 0;
    this.icmpCode[host] = 0;
    this.noteResponder(host, source, offset);
  }

  /** An error about a host that has not replied: the last one stands. `source` as for a reply. */
  noteError(
    host: number,
    type: number,
    code: number,
    reason: number,
    source: DataView | undefined,
    offset: number,
  ): void {
    this.icmpType[host] = type;
    this.icmpCode[host] = code;
    this.errorReason[host] = reason;
    this.noteResponder(host, source, offset);
  }

  noteErrno(host: number, errno: string): void {
    this.errno[host] = Math.min(
      255,
      this.errnos.numberOf(errno, () => errno),
    );
  }

  /** The MAC address of an on-link host: the first one stands, and another is told of. */
  noteMac(host: number, view: DataView, offset: number): void {
    const at = host * MAC_OCTETS;
    let isKnown = false;
    let isSame = true;
    for (let i = 0; i < MAC_OCTETS; i++) {
      isKnown ||= this.macs[at + i] !== 0;
      isSame &&= this.macs[at + i] === view.getUint8(offset + i);
    }
    for (let i = 0; !isKnown && i < MAC_OCTETS; i++) this.macs[at + i] = view.getUint8(offset + i);
    if (!isKnown || isSame || this.macConflicts.length === MOST_MAC_CONFLICTS) return;
    const other = new Uint8Array(view.buffer, view.byteOffset + offset, MAC_OCTETS);
    const both = `${macText(this.macs, at)} and ${macText(other, 0)}`;
    const text = `${addressText(this.block.setup.targets, host)}: ${both}`;
    if (!this.macConflicts.includes(text)) this.macConflicts.push(text);
  }

  /** The block's columns. @param wallClockOffsetNs what to add to monotonic times */
  results(wallClockOffsetNs: number): BlockResults {
    const { block } = this;
    const { count } = block.setup.targets;
    const probesPerHost = block.levels.length;
    const results: BlockResults = {
      targets: block.setup.targets,
      probesPerHost,
      status: new Uint8Array(count),
      reason: new Uint8Array(count),
      icmpType: this.icmpType,
      icmpCode: this.icmpCode,
      ttl: this.ttl,
      sent: new Uint16Array(count),
      received: block.received,
      duplicates: block.duplicates,
      marks: new Uint8Array(count * probesPerHost),
      rttNs: new Float64Array(count * probesPerHost).fill(Number.NaN),
      startedAtMs: new Float64Array(count).fill(Number.NaN),
      responder: this.responder,
      responders: this.responders.texts,
      errno: this.errno,
      errnos: this.errnos.texts,
      macs: this.macs,
      macConflicts: this.macConflicts,
    };
    for (let host = 0; host < count; host++) {
      this.fillProbes(results, host, wallClockOffsetNs);
      this.decide(results, host);
    }
    return results;
  }

  private fillProbes(results: BlockResults, host: number, wallClockOffsetNs: number): void {
    const { block } = this;
    const attempts = block.attempts[host]!;
    results.sent[host] = attempts - block.unsent[host]!;
    for (let n = 0; n < attempts; n++) {
      const level = block.levels[n]!;
      const mark = level.markOf(host);
      results.marks[host * results.probesPerHost + n] = mark === 0 ? MARK.silence : mark;
      results.rttNs[host * results.probesPerHost + n] = level.rttNs[host]!;
      if (mark !== MARK.unsent && Number.isNaN(results.startedAtMs[host])) {
        results.startedAtMs[host] = (level.sentAtNs[host]! + wallClockOffsetNs) / 1e6;
      }
    }
  }

  /** A reply beats an error, whichever came first; an error beats silence; only where nothing left is it our failure. */
  private decide(results: BlockResults, host: number): void {
    const { block } = this;
    if (block.isAnswered(host)) this.set(results, host, 'up', 'echo-reply');
    else if (!block.isFinal(host)) results.status[host] = NOT_COVERED;
    else if (block.isGivenUp(host)) this.set(results, host, 'down', 'arp-failed');
    else if (this.icmpType[host] !== 0) {
      results.status[host] = UNREACHABLE;
      results.reason[host] = this.errorReason[host]!;
    } else if (results.sent[host] === 0) {
      this.set(results, host, 'error', reasonOfErrno(this.errnoOf(host)));
    } else this.set(results, host, 'down', 'no-response');
    if (results.status[host] !== UNREACHABLE && !block.isAnswered(host))
      this.clearError(results, host);
  }

  private set(
    results: BlockResults,
    host: number,
    status: 'up' | 'down' | 'error',
    reason: Reason,
  ): void {
    results.status[host] = statusNumber(status);
    results.reason[host] = reasonNumber(reason);
  }

  private clearError(results: BlockResults, host: number): void {
    results.icmpType[host] = 0;
    results.icmpCode[host] = 0;
    results.responder[host] = 0;
  }

  private errnoOf(host: number): string {
    return this.errnos.texts[this.errno[host]! - 1] ?? '';
  }

  private noteResponder(host: number, source: DataView | undefined, offset: number): void {
    this.responder[host] = source === undefined ? 0 : this.numberOfAddress(source, offset);
  }

  private numberOfAddress(view: DataView, offset: number): number {
    const family: Family = this.block.setup.targets.family;
    const text = (): string => formatAddressBytes(family, view, offset);
    if (family === 4) return this.responders.numberOf(view.getUint32(offset), text);
    const key = text();
    return this.responders.numberOf(key, () => key);
  }
}

const UNREACHABLE = statusNumber('unreachable');
