/** Reads the output of the ping and ping6 of macOS and the BSDs. */

import { type PingParser, type PingReport, readFrom, readReply } from './ping-report.ts';

/** `64 bytes from 192.0.2.1: icmp_seq=0 ttl=57 time=12.345 ms`; ping6: `16 bytes from ::1, icmp_seq=0 hlim=64 time=0.1 ms`. */
const REPLY =
  /^\d+ bytes from ([0-9a-f.:]+?)(?:%[^\s,:]+)?[:,] icmp_seq=(\d+)(?: (?:ttl|hlim)=(\d+))?(?: time=([\d.]+) ms)?/;
/** `92 bytes from 192.0.2.254: Destination Host Unreachable`, with the quoted header on the lines after it. */
const ERROR = /^\d+ bytes from ([0-9a-f.:]+?)(?:%[^\s,:]+)?: ([A-Za-z].*)$/;
/** `Request timeout for icmp_seq 0`. */
const TIMEOUT = /^Request timeout for icmp_seq (\d+)/;
/** ping6 finds out by UDP which address it would send from. */
const REFUSAL = /^ping6?: (?:sendto|sendmsg|connect|UDP connect|bind): (.+)$/;

/** They count probes from 0. An error names no probe: it is about the one after the last that is known. */
export const parseMacos: PingParser = (text) => {
  const events: PingReport['events'][number][] = [];
  let refusal: string | null = null;
  let next = 0;
  for (const line of text.split('\n')) {
    const reply = REPLY.exec(line);
    const error = reply === null ? ERROR.exec(line) : null;
    if (reply !== null) {
      const event = readReply(reply, 0);
      events.push(event);
      next = event.probe + 1;
    } else if (error !== null) {
      events.push({
        kind: 'error',
        probe: next,
        from: readFrom(error[1]),
        words: error[2]!.trim(),
      });
      // The timeout that follows is the same probe's.
    } else {
      const timeout = TIMEOUT.exec(line);
      if (timeout !== null) next = Number(timeout[1]) + 1;
      refusal ??= REFUSAL.exec(line)?.[1]?.trim() ?? null;
    }
  }
  return { events, refusal };
};
