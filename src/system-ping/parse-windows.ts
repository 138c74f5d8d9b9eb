/** Reads the output of Windows' ping in any of its languages: by its figures and its layout, not by its words. */

import { type PingParser, type PingReport, readFrom, readRttMs, readTtl } from './ping-report.ts';

/** `Reply from 192.0.2.1: bytes=56 time=12ms TTL=57`, `Antwort von …: Bytes=56 Zeit<1ms TTL=128`; IPv6 has no TTL. */
const REPLY = /^\S.*?\s([0-9a-f.:]+?)(?:%\d+)?: .*?([=<])\s?(\d+)\s?ms(?:\s+TTL=(\d+))?/i;
/** `Reply from 192.0.2.254: Destination host unreachable.` */
const ERROR = /^\S.*?\s([0-9a-f.:]+?)(?:%\d+)?: (\D.*)$/i;
/** `PING: transmit failed. General failure.` */
const REFUSAL = /^PING: .*?failed\. ?(.*)$/i;

/**
 * Between the heading and the statistics each line is one probe, in order; a line without an address is one that
 * timed out.
 */
export const parseWindows: PingParser = (text) => {
  const events: PingReport['events'][number][] = [];
  let refusal: string | null = null;
  let probe = 0;
  for (const line of probeLines(text)) {
    const reply = REPLY.exec(line);
    const from = readFrom(reply?.[1]);
    if (reply !== null && from !== null) {
      const rttMs = reply[2] === '<' ? null : readRttMs(reply[3]!);
      events.push({ kind: 'reply', probe, rttMs, ttl: readTtl(reply[4]), from });
    } else {
      const error = ERROR.exec(line);
      const router = readFrom(error?.[1]);
      if (router !== null)
        events.push({ kind: 'error', probe, from: router, words: error![2]!.trim() });
      else refusal ??= REFUSAL.exec(line)?.[1]?.trim() ?? null;
    }
    probe++;
  }
  return { events, refusal };
};

/** The paragraph after the heading, which ends in a colon and may take two lines. */
function probeLines(text: string): string[] {
  const lines = text.split(/\r?\n/).map((line) => line.trimEnd());
  const heading = lines.findIndex((line) => line.endsWith(':'));
  const body = lines.slice(heading + 1);
  const end = body.indexOf('', body[0] === '' ? 1 : 0);
  return (end < 0 ? body : body.slice(0, end)).filter((line) => line !== '');
}
