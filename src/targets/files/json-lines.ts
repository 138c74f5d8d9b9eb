/** echosweep's own reports in JSON Lines: every host in them, whatever its status was. */

import type { PeekedText } from '../../text/peeked-text.ts';
import { LONGEST_JSON_LINE, linesOf } from '../../text/text-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

const ORIGINAL = 'give a report of echosweep as it was written';

export const JSON_LINES: TargetFormat = {
  name: 'a JSON Lines report',
  // A list of objects, as masscan and many APIs give, is refused as such.
  matches: (head) => /^\s*(\[\s*)?\{/.test(head),
  read: readJsonLines,
};

async function readJsonLines(text: PeekedText, found: FoundTargets): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(text.whole, found.refuse, LONGEST_JSON_LINE)) {
    for (const written of lines) {
      line++;
      if (written.trim() === '') continue;
      const { type, address, hostname } = fieldsOf(written, line, found);
      if (type === 'host' && typeof address === 'string' && address !== '') {
        found.host(address, line);
      } else if (type === 'host' && typeof hostname === 'string') {
        // A name that did not resolve has no address.
        for (const name of hostname.split(' ')) found.target(name, line);
      } else if (type !== 'run') {
        throw found.refuse(line, 'is neither a run nor a host', ORIGINAL);
      }
    }
  }
}

function fieldsOf(written: string, line: number, found: FoundTargets): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(written);
  } catch {
    throw found.refuse(line, 'is not a line of JSON', ORIGINAL);
  }
  if (value === null || typeof value !== 'object') {
    throw found.refuse(line, 'is not a JSON object', ORIGINAL);
  }
  return value as Record<string, unknown>;
}
