/** Plain lists: one or more targets a line, with commas or blanks between, and comments. */

import type { PeekedText } from '../../text/peeked-text.ts';
import { linesOf } from '../../text/text-lines.ts';
import { plainIPv6, plainPrefix } from '../plain-prefix.ts';
import { wordsOf } from '../target-collector.ts';
import { DASH } from '../target-spec.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

/** What makes a line more than one word. */
const SPECIAL = /[\s,;#"'\u2010-\u2015\u2212]/;

export const PLAIN_LIST: TargetFormat = {
  name: undefined,
  matches: () => true,
  read: readPlainList,
};

async function readPlainList(text: PeekedText, found: FoundTargets): Promise<void> {
  let line = 0;
  for await (const lines of linesOf(text.whole, found.refuse)) {
    for (const written of lines) {
      line++;
      if (written !== '') readLine(written, line, found);
    }
  }
}

function readLine(written: string, line: number, found: FoundTargets): void {
  if (!SPECIAL.test(written)) {
    found.target(written, line);
    return;
  }
  found.targets(targetsIn(withoutComment(written, line, found)).map(unquoted), line);
}

/** The targets in a text, with commas or blanks between. */
export function targetsIn(text: string): string[] {
  const parts = text.replaceAll(DASH, '-').split(/\s+/);
  return parts.flatMap((part) => (part === '' ? [] : wordsOf(part)));
}

/** `#` begins a comment anywhere, and `;` does. */
function withoutComment(written: string, line: number, found: FoundTargets): string {
  const [content] = written.split('#', 1);
  const semicolon = content!.indexOf(';');
  if (semicolon < 0) return content!;
  const before = content!.slice(0, semicolon);
  const next = content!
    .slice(semicolon + 1)
    .trim()
    .split(/[\s,;]+/, 1)[0]!;
  // A target that is taken for a comment would be lost without a trace.
  if (before.trim() !== '' && isAddressOrPrefix(unquoted(next))) {
    found.wrong(
      line,
      'a semicolon begins a comment, yet an address comes after it',
      'separate targets by commas, blanks or line ends',
    );
  }
  return before;
}

function isAddressOrPrefix(word: string): boolean {
  return plainPrefix(word) >= 0 || plainIPv6(word) !== undefined;
}

function unquoted(word: string): string {
  return /^(["']).*\1$/.test(word) && word.length > 2 ? word.slice(1, -1) : word;
}
