/** The formats of target files, in the order in which they are tried. */

import { CSV } from './csv.ts';
import { DHCPD_LEASES } from './dhcpd-leases.ts';
import { DNSMASQ_LEASES } from './dnsmasq-leases.ts';
import type { TargetFormat } from './format.ts';
import { GREPPABLE } from './greppable.ts';
import { HOSTS_FILE } from './hosts-file.ts';
import { JSON_LINES } from './json-lines.ts';
import { KEA_LEASES } from './kea-leases.ts';
import { NMAP_XML } from './nmap-xml.ts';
import { PLAIN_LIST } from './plain-list.ts';

/** The last one takes everything. */
const FORMATS: readonly TargetFormat[] = [
  NMAP_XML,
  JSON_LINES,
  GREPPABLE,
  DHCPD_LEASES,
  KEA_LEASES,
  DNSMASQ_LEASES,
  HOSTS_FILE,
  CSV,
  PLAIN_LIST,
];

/** The format of a text that begins with `head`. */
export function formatOf(head: string): TargetFormat {
  return FORMATS.find((format) => format.matches(head))!;
}
