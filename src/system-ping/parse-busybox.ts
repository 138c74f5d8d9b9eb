/** Reads the output of BusyBox' ping, which does not show ICMP errors. */

import { type PingParser, type PingReport, readReply } from './ping-report.ts';

/** `64 bytes from 192.0.2.1: seq=0 ttl=63 time=0.079 ms`, also with `(DUP!)`. */
const REPLY =
  /^\d+ bytes from ([0-9a-f.:]+)(?:%\S+)?: seq=(\d+)(?: ttl=(\d+))?(?: time=([\d.]+) ms)?/;
const REFUSAL = /^ping6?: (?:sendto|connect|sendmsg|bind|can't create raw socket): (.+)$/;
const POWERLESS = /^ping6?: (permission denied) \(are you root\?\)$/;

/** BusyBox counts probes from 0. */
export const parseBusybox: PingParser = (text) => {
  const events: PingReport['events'][number][] = [];
  let refusal: string | null = null;
  for (const line of text.split('\n')) {
    const reply = REPLY.exec(line);
    if (reply !== null) events.push(readReply(reply, 0));
    else refusal ??= (REFUSAL.exec(line) ?? POWERLESS.exec(line))?.[1]?.trim() ?? null;
  }
  return { events, refusal };
};
