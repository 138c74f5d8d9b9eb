/** The words of a report: statuses, reasons and marks, each with the small integer that stands for it in a block. */

/** A host's status; its index in this list is its number in a block's `status` column. */
export const STATUSES = ['up', 'unreachable', 'down', 'error'] as const;
export type Status = (typeof STATUSES)[number];

/** Why a host has its status; the index in this list is the number in a block's `reason` column. */
export const REASONS = [
  'echo-reply',
  'no-response',
  'arp-failed',
  // IPv4 type 3 by code, RFC 792, RFC 1122 section 3.2.2.1 and RFC 1812 section 5.2.7.1
  'net-unreach',
  'host-unreach',
  'proto-unreach',
  'port-unreach',
  'frag-needed',
  'source-route-failed',
  'net-unknown',
  'host-unknown',
  'host-isolated',
  'net-prohibited',
  'host-prohibited',
  'net-tos-unreach',
  'host-tos-unreach',
  'admin-prohibited',
  'precedence-violation',
  'precedence-cutoff',
  'time-exceeded',
  'reassembly-exceeded',
  'parameter-problem',
  // IPv6 type 1 by code, RFC 4443 section 3.1, where IPv4 has no word for it
  'no-route',
  'beyond-scope',
  'address-unreach',
  'source-policy',
  'reject-route',
  'source-routing-error',
  'packet-too-big',
  'permission-denied',
  'send-failed',
] as const;
export type Reason = (typeof REASONS)[number];

/** What became of one probe, as its character in a report's `pattern`. */
export const MARKS = { reply: '!', silence: '.', error: 'U', unsent: 'E' } as const;
export type Mark = (typeof MARKS)[keyof typeof MARKS];

export function statusNumber(status: Status): number {
  return STATUSES.indexOf(status);
}

export function reasonNumber(reason: Reason): number {
  return REASONS.indexOf(reason);
}

/** Why nothing could be sent, by the errno of sending (send(2), ip(7)). EINVAL is what a blackhole route gives. */
export function reasonOfErrno(errno: string): Reason {
  switch (errno) {
    case 'ENETUNREACH':
    case 'EHOSTUNREACH':
    case 'EINVAL':
      return 'no-route';
    case 'EACCES':
    case 'EPERM':
      return 'permission-denied';
    default:
      return 'send-failed';
  }
}
