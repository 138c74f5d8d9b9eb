/** Leases of dnsmasq: `EXPIRY MAC ADDRESS NAME CLIENT-ID`, and for IPv6 an IAID in place of the MAC address. */

import type { PeekedText } from '../../text/peeked-text.ts';
import { linesOf } from '../../text/text-lines.ts';
import { readZonedAddress } from '../zoned-address.ts';
import { contentLines } from './content-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

const LEASE =
  /^\d+\s+(?:(?:[0-9a-f]{2}-)?[0-9a-f]{2}(?::[0-9a-f]{2})*|T?\d+)\s+([0-9a-f.:]+)\s+\S+\s+\S+$/i;
/** The server's own DUID comes between IPv4 and IPv6. */
const DUID = /^duid [0-9a-f:]+$/i;

export const DNSMASQ_LEASES: TargetFormat = {
  name: 'leases of dnsmasq',
  matches: (head) => {
    const [first] = contentLines(head).filter((line) => !DUID.test(line));
    return first !== undefined && addressIn(first) !== undefined;
  },
  read: readDnsmasqLeases,
};

async function readDnsmasqLeases(text: PeekedText, found: FoundTargets): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(text.whole, found.refuse)) {
    for (const written of lines) {
      line++;
      const lease = written.trim();
      if (lease === '' || DUID.test(lease)) continue;
      const address = addressIn(lease);
      if (address !== undefined) found.host(address, line);
      else found.wrong(line, 'is not a lease of dnsmasq', 'give the file as dnsmasq wrote it');
    }
  }
}

function addressIn(line: string): string | undefined {
  const address = LEASE.exec(line)?.[1];
  return address !== undefined && readZonedAddress(address) !== undefined ? address : undefined;
}
