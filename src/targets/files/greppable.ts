/** Greppable output of nmap and masscan (`-oG`): `Host: 192.0.2.1 (name)	Status: Up`. */

import type { PeekedText } from '../../text/peeked-text.ts';
import { linesOf } from '../../text/text-lines.ts';
import { contentLines } from './content-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

/** masscan puts a time first. */
const HOST_LINE = /^(?:Timestamp: \d+\s+)?Host: (\S+) \(/;

export const GREPPABLE: TargetFormat = {
  name: 'greppable nmap output',
  matches: (head) => HOST_LINE.test(contentLines(head)[0] ?? ''),
  read: readGreppable,
};

async function readGreppable(text: PeekedText, found: FoundTargets): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(text.whole, found.refuse)) {
    for (const written of lines) {
      line++;
      const host = HOST_LINE.exec(written);
      if (host !== null) found.host(host[1]!, line);
      else if (!/^\s*(#.*)?$/.test(written)) {
        found.wrong(line, 'is not a line of greppable output', 'give the file as nmap wrote it');
      }
    }
  }
}
