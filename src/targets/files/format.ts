/** What a format of target files has to offer, and where it puts what it finds. */

import { parseAddress } from '../../address.ts';
import type { PeekedText } from '../../text/peeked-text.ts';
import type { Refusal } from '../../text/refusal.ts';
import type { TargetCollector } from '../target-collector.ts';
import { quoted, targetsRefused } from '../target-error.ts';
import { BARE_MASK, isBareMask } from '../target-spec.ts';

/**
 * One format, one file. To add a format, write its file, add it to the registry, and describe it in docs/targets.md.
 * Formats are recognised by content alone, because names mislead and standard input has none.
 */
export interface TargetFormat {
  /** What a note calls it, such as `nmap XML`; undefined for a plain list, which needs no note. */
  readonly name: string | undefined;
  /** Whether a text that begins with `head` is in this format. Formats before it in the registry said no. */
  matches(head: string): boolean;
  /**
   * Hands over all targets of the text, piece by piece.
   * @throws EchosweepError `TARGET_INVALID`, made by `found.refuse`, if the file as a whole cannot be read
   */
  read(text: PeekedText, found: FoundTargets): Promise<void>;
}

/** Takes the targets of one file and knows their places. */
export class FoundTargets {
  readonly refuse: Refusal;
  private readonly source: string;
  private readonly collector: TargetCollector;

  /** @param source names the file in messages */
  constructor(collector: TargetCollector, source: string) {
    this.collector = collector;
    this.source = source;
    this.refuse = (line, problem, advice) =>
      targetsRefused(`${this.placeOf(line)} ${problem}`, advice);
  }

  /** A target as a person writes it. @param line from 1 */
  target(text: string, line: number): void {
    this.collector.addWord(text, this.source, line);
  }

  /** The targets of one line or cell. */
  targets(words: readonly string[], line: number): void {
    for (const [n, word] of words.entries()) {
      const before = words[n - 1];
      // Alone, an exclusion may be a mask. Behind a subnet it would leave the subnet a single host.
      if (before !== undefined && isMask(word)) {
        this.wrong(line, `${quoted(word)} ${BARE_MASK.problem}`, BARE_MASK.advice);
      } else if (before !== undefined && isHalvedRange(before, word)) {
        this.wrong(
          line,
          `${quoted(`${before} ${word}`)} has a blank on one side of its hyphen`,
          'write a range without blanks, such as 10.0.0.1-10.0.0.99',
        );
      } else this.target(word, line);
    }
  }

  /** The address of one host, with or without a mask. @param names those that the file gives the host by */
  host(address: string, line: number, names?: readonly string[]): void {
    this.collector.addHost(address, this.source, line, names);
  }

  /** A line that cannot be read. The first one of all files is reported, with how many there are. */
  wrong(line: number, problem: string, advice: string): void {
    this.collector.keep(targetsRefused(`${this.placeOf(line)} ${problem}`, advice));
  }

  private placeOf(line: number | undefined): string {
    return line === undefined ? this.source : `${this.source}, line ${line}:`;
  }
}

/** As patterns, `10.0.0.5-` and `-10.0.0.7` are hundreds of addresses, some of them in networks of others. */
function isHalvedRange(before: string, word: string): boolean {
  const address = before.endsWith('-') ? word : word.startsWith('-') ? before : '';
  return parseAddress(address) !== undefined;
}

function isMask(word: string): boolean {
  const address = parseAddress(word);
  return address?.family === 4 && isBareMask(Number(address.value));
}
