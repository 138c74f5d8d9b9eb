/** ICMP errors in fping's words. */

/** Destination unreachable, by code. */
const UNREACHABLE = [
  'ICMP Network Unreachable',
  'ICMP Host Unreachable',
  'ICMP Protocol Unreachable',
  'ICMP Port Unreachable',
  'ICMP Unreachable (Fragmentation Needed)',
  'ICMP Unreachable (Source Route Failed)',
  'ICMP Unreachable (Destination Network Unknown)',
  'ICMP Unreachable (Destination Host Unknown)',
  'ICMP Unreachable (Source Host Isolated)',
  'ICMP Unreachable (Communication with Network Prohibited)',
  'ICMP Unreachable (Communication with Host Prohibited)',
  'ICMP Unreachable (Network Unreachable For Type Of Service)',
  'ICMP Unreachable (Host Unreachable For Type Of Service)',
  'ICMP Unreachable (Communication Administratively Prohibited)',
  'ICMP Unreachable (Host Precedence Violation)',
  'ICMP Unreachable (Precedence cutoff in effect)',
] as const;

const BY_TYPE: Readonly<Record<number, string>> = {
  11: 'ICMP Time Exceeded',
  12: 'ICMP Parameter Problem',
};
const DESTINATION_UNREACHABLE = 3;

/** What an error of IPv4 says. */
export function icmpWords(type: number, code: number): string {
  if (type !== DESTINATION_UNREACHABLE) return BY_TYPE[type] ?? `ICMP ${type}`;
  return UNREACHABLE[code] ?? 'ICMP Unreachable (Invalid Code)';
}
