/** Leases of ISC dhcpd (dhcpd.leases(5)): `lease 192.0.2.5 {`, and `iaaddr 2001:db8::5 {` for IPv6. */

import type { PeekedText } from '../../text/peeked-text.ts';
import { linesOf } from '../../text/text-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

const LEASE = /^\s*(?:lease|iaaddr)\s+([0-9a-f.:]+)\s*\{/;

export const DHCPD_LEASES: TargetFormat = {
  name: 'leases of ISC dhcpd',
  matches: (head) =>
    /^(lease [0-9a-f.:]+ \{|ia-(na|ta|pd) "|server-duid "|authoring-byte-order )/m.test(head),
  read: readDhcpdLeases,
};

/** The file is a journal: an address comes again each time its lease changes. */
async function readDhcpdLeases(text: PeekedText, found: FoundTargets): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(text.whole, found.refuse)) {
    for (const written of lines) {
      line++;
      const lease = LEASE.exec(written);
      if (lease !== null) found.host(lease[1]!, line);
    }
  }
}
