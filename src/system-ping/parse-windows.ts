/** Reads the output of Windows' ping in any of its languages: by its structure and its figures, not by its words. */

import { type PingParser, type PingReport, readFrom, readRttMs, readTtl } from './ping-report.ts';

/** The time is the last figure with a unit before the TTL: `time=12ms TTL=57`, `tiempo<1m TTL=128`, `temps=6 ms TTL=58`. */
const TTL = /TTL\s*=\s*(\d+)/i;
/** A figure with a unit. The number of octets, `bytes=56`, has none. */
const TIME = /([=<])\s*(\d+)\s*[^\s\d=<][^\d=<]*$/u;
/** Candidates for addresses; only what parses as one counts. A letter of another script may follow without a space. */
const ADDRESSES = /(?<![\w.:])(?:\d+(?:\.\d+){3}(?![\w]|\.\d)|[0-9a-f]*:[0-9a-f:.]+)(?:%\w+)?/gi;
/** `PING: transmit failed. General failure.`; French puts a space before the colon. */
const REFUSAL = /^PING\s?: *(?:[^.]*\. )?(.+)$/i;
const COLON_AT_END = /[:：]$/;

interface AddressInLine {
  readonly address: string;
  /** The rest of the line. */
  readonly after: string;
}

/**
 * Between the heading and the statistics each line is one probe, in order. A line with `TTL=` is a reply, in IPv6 one
 * with a time. Any other line with an address is an error, and a line without one is a probe that timed out.
 */
export const parseWindows: PingParser = (text) => {
  const events: PingReport['events'][number][] = [];
  let refusal: string | null = null;
  for (const [probe, line] of probeLines(text).entries()) {
    const addresses = addressesIn(line);
    const from = addresses.length === 1 ? addresses[0]!.address : null;
    const ttl = TTL.exec(line);
    const isIpv6 = from?.includes(':') === true;
    const time =
      ttl === null ? isIpv6 && TIME.exec(addresses[0]!.after) : TIME.exec(line.slice(0, ttl.index));
    if (ttl !== null || time) {
      const rttMs = time && time[1] === '=' ? readRttMs(time[2]!) : null;
      events.push({ kind: 'reply', probe, rttMs, ttl: readTtl(ttl?.[1]), from });
    } else if (addresses.length > 0) {
      const { address, after } = addresses[0]!;
      events.push({ kind: 'error', probe, from: address, words: wordsOf(after) });
    } else refusal ??= REFUSAL.exec(line)?.[1]?.trim() ?? null;
  }
  return { events, refusal };
};

/**
 * The lines after the heading, which has the address and ends in a colon, perhaps on its second line. They end before
 * the statistics, whose first line has the address and ends in a colon too.
 */
function probeLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trim());
  const isReply = (line: string): boolean => TTL.test(line);
  const isTitle = (line: string): boolean => COLON_AT_END.test(line) && hasAddress(line);
  const heading = lines.findIndex((line) => hasAddress(line));
  if (heading < 0) return [];
  const endsBelow =
    !COLON_AT_END.test(lines[heading]!) && COLON_AT_END.test(lines[heading + 1] ?? '');
  const start = isReply(lines[heading]!) ? heading : heading + (endsBelow ? 2 : 1);
  const body = lines.slice(start);
  // Old versions leave a line blank below the heading.
  const blank = body.indexOf('', body[0] === '' ? 1 : 0);
  const statistics = body.findIndex(isTitle);
  const ends = [blank, statistics].filter((end) => end >= 0);
  return body.slice(0, Math.min(body.length, ...ends)).filter((line) => line !== '');
}

function hasAddress(line: string): boolean {
  return addressesIn(line).length > 0;
}

function addressesIn(line: string): AddressInLine[] {
  return [...line.matchAll(ADDRESSES)].flatMap((match) => {
    // The colon behind an IPv6 address is not a part of it.
    const literal = readFrom(match[0]) === null ? match[0].replace(/[:.]$/, '') : match[0];
    const address = readFrom(literal);
    return address === null ? [] : [{ address, after: line.slice(match.index + literal.length) }];
  });
}

/** What follows the colon after the address; without a colon, all that follows. */
function wordsOf(after: string): string {
  return (/[:：]\s*(.+)$/u.exec(after)?.[1] ?? after).trim();
}
