/** Leases of Kea (its `memfile` files): CSV without quotes, of IPv4 and of IPv6. */

import type { PeekedText } from '../../text/peeked-text.ts';
import { linesOf } from '../../text/text-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

/** Lease types of DHCPv6 in the file: 0 and 1 are addresses, 2 is a delegated prefix. */
const DELEGATED_PREFIX = '2';

export const KEA_LEASES: TargetFormat = {
  name: 'leases of Kea',
  matches: (head) => /^address,(hwaddr|duid),/.test(head),
  read: readKeaLeases,
};

/** The file is a journal: an address comes again each time its lease changes. Kea writes commas in values as `&#x2c`. */
async function readKeaLeases(text: PeekedText, found: FoundTargets): Promise<void> {
  let line = 0;
  let leaseType = -1;
  for await (const lines of linesOf(text.whole, found.refuse)) {
    for (const written of lines) {
      line++;
      const cells = written.split(',');
      // Kea starts each of its files with a header, and people join files.
      if (cells[0] === 'address') leaseType = cells.indexOf('lease_type');
      else if (cells[0]!.trim() !== '' && cells[leaseType] !== DELEGATED_PREFIX) {
        found.host(cells[0]!, line);
      }
    }
  }
}
