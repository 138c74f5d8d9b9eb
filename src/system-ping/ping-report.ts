/** What the text of a `ping` says, whichever system wrote it. */

import { formatAddress, parseAddress } from '../address.ts';
import { safeText } from '../words.ts';

export interface PingReply {
  readonly kind: 'reply';
  /** Which probe of the process, from 0. */
  readonly probe: number;
  /** null if the text says only that it was short. */
  readonly rttMs: number | null;
  /** 0 if the text does not say. */
  readonly ttl: number;
  /** null if the text does not say. */
  readonly from: string | null;
}

export interface PingError {
  readonly kind: 'error';
  readonly probe: number;
  readonly from: string | null;
  /** The system's words for the ICMP error. */
  readonly words: string;
}

export interface PingReport {
  /** In the order of the text. */
  readonly events: readonly (PingReply | PingError)[];
  /** The system's words for why nothing could be sent; null if it could. */
  readonly refusal: string | null;
}

/** Reads the text of one process. Never throws, whatever the text. */
export type PingParser = (text: string) => PingReport;

/**
 * A reply in the text, of a regular expression with four groups: address, sequence number, and if known TTL and time.
 * @param first the sequence number of the first probe
 */
export function readReply([, from, sequence, ttl, time]: RegExpExecArray, first: 0 | 1): PingReply {
  return {
    kind: 'reply',
    probe: Number(sequence) - first,
    rttMs: time === undefined ? null : readRttMs(time),
    ttl: readTtl(ttl),
    from: readFrom(from),
  };
}

/** A round-trip time in the text; null if it is not one. */
export function readRttMs(text: string): number | null {
  const rttMs = Number(text.replace(',', '.'));
  return Number.isFinite(rttMs) && rttMs >= 0 && rttMs < 1e7 ? rttMs : null;
}

/** A TTL in the text; 0 if it is not one. */
export function readTtl(text: string | undefined): number {
  const ttl = Number(text ?? 0);
  return Number.isInteger(ttl) && ttl >= 1 && ttl <= 255 ? ttl : 0;
}

/** An address in the text, in its canonical form and without its zone; null if it is not one. */
export function readFrom(text: string | undefined): string | null {
  const address = parseAddress((text ?? '').split('%')[0]!);
  return address === undefined ? null : formatAddress(address.family, address.value);
}

/** All lost, in the statistics: `100% packet loss`, `100.0%`, Turkish `%100`. */
const ALL_LOST = /\b100(?:[.,]0+)?\s?%|%\s?100\b/;
const LONGEST_SHOWN = 100;

/**
 * Whether a ping that ended by itself printed nothing, or something else than a result, such as its usage. Only
 * statistics that say that all was lost mean silence.
 */
export function isUnread({ events, refusal }: PingReport, text: string): boolean {
  return events.length === 0 && refusal === null && !ALL_LOST.test(text);
}

/** The output on one line, cut if it is long, for a message. */
export function shownOutput(text: string): string {
  const line = safeText(text.trim().replaceAll(/\s+/g, ' '));
  if (line === '') return 'nothing';
  return `"${line.length > LONGEST_SHOWN ? `${line.slice(0, LONGEST_SHOWN)}…` : line}"`;
}
