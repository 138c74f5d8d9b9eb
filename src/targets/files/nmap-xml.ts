/** XML of nmap and masscan (`-oX`), and ours: the IP addresses of every `<host>`, whatever its status was. */

import { NmapXml } from '../../text/nmap-xml.ts';
import type { PeekedText } from '../../text/peeked-text.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

export const NMAP_XML: TargetFormat = {
  name: 'nmap XML',
  matches: (head) => /^\s*</.test(head),
  read: readNmapXml,
};

async function readNmapXml(text: PeekedText, found: FoundTargets): Promise<void> {
  for await (const hosts of new NmapXml(text, found.refuse).hosts()) {
    for (const { address, line } of hosts) found.host(address, line);
  }
}
