/** Hosts files (hosts(5)): `192.0.2.1 name alias`. The addresses are the targets, and the names go into the report. */

import type { PeekedText } from '../../text/peeked-text.ts';
import { linesOf } from '../../text/text-lines.ts';
import { isHostName } from '../host-name.ts';
import { readZonedAddress } from '../zoned-address.ts';
import { contentLines } from './content-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

export const HOSTS_FILE: TargetFormat = {
  name: 'a hosts file',
  matches: (head) => {
    const lines = contentLines(head);
    return lines.length > 0 && lines.every((line) => entryOf(line) !== undefined);
  },
  read: readHostsFile,
};

async function readHostsFile(text: PeekedText, found: FoundTargets): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(text.whole, found.refuse)) {
    for (const written of lines) {
      line++;
      if (/^\s*(#.*)?$/.test(written)) continue;
      const entry = entryOf(written);
      if (entry !== undefined) found.host(entry.address, line, entry.names);
      else {
        found.wrong(
          line,
          'is not a line of a hosts file, as those before it are',
          'write an address and its names, or give a plain list',
        );
      }
    }
  }
}

/** An address and at least one name, all of which can be names. */
function entryOf(
  line: string,
): { readonly address: string; readonly names: readonly string[] } | undefined {
  const [address = '', ...names] = line.replace(/#.*$/, '').trim().split(/\s+/);
  if (names.length === 0 || readZonedAddress(address) === undefined) return undefined;
  // Block lists name addresses by themselves.
  const areNames = names.every((name) => isHostName(name) || name === address);
  return areNames ? { address, names: names.filter((name) => name !== address) } : undefined;
}
