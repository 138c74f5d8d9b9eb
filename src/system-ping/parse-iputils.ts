/** Reads the output of Linux iputils' ping. */

import { type PingParser, type PingReport, readFrom, readReply } from './ping-report.ts';

/** `64 bytes from 192.0.2.1: icmp_seq=1 ttl=63 time=0.045 ms`, also with `(DUP!)` or `(DIFFERENT ADDRESS!)`. */
const REPLY =
  /^\d+ bytes from ([0-9a-f.:]+)(?:%\S+)?: icmp_seq=(\d+)(?: ttl=(\d+))?(?: time=([\d.]+) ms)?/;
/** `From 192.0.2.254 icmp_seq=1 Destination Host Unreachable`. */
const ERROR = /^From ([0-9a-f.:]+?)(?:%\S+?)?:? icmp_seq=(\d+) (.+)$/;
/** `ping: connect: Network is unreachable`, `ping: sendmsg: Operation not permitted`; up to 2018 some without `ping: `. */
const REFUSAL = /^(?:ping6?: )?(?:connect|sendmsg|sendto|socket|icmp open socket): (.+)$/;
/** What iputils prints if connect(2) gives EACCES for an IPv4 target. */
const BROADCAST = /^(?:ping: )?Do you want to ping broadcast\?/;
const TOO_LONG = /^ping: local error: message too long/i;

/** What raw sockets receive damaged, since 2025. Those before do not say so. */
const DAMAGED = /\(BAD CHECKSUM!?\)/;

/** iputils counts probes from 1. */
export const parseIputils: PingParser = (text) => {
  const events: PingReport['events'][number][] = [];
  let refusal: string | null = null;
  for (const line of text.split('\n')) {
    if (DAMAGED.test(line)) continue;
    const reply = REPLY.exec(line);
    if (reply !== null) {
      events.push(readReply(reply, 1));
      continue;
    }
    const error = ERROR.exec(line);
    if (error !== null) {
      events.push({
        kind: 'error',
        probe: Number(error[2]) - 1,
        from: readFrom(error[1]),
        words: error[3]!.trim(),
      });
    } else if (BROADCAST.test(line)) refusal ??= 'Permission denied';
    else if (TOO_LONG.test(line)) refusal ??= 'Message too long';
    else refusal ??= REFUSAL.exec(line)?.[1]?.trim() ?? null;
  }
  return { events, refusal };
};
