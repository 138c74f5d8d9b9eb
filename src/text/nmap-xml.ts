/** Reads the XML of nmap and masscan (`-oX`), and ours, host by host and in bounded memory. */

import sax from 'sax';
import { type Attributes, type NmapHost, NmapHostElements, timeOf } from './nmap-host.ts';
import type { PeekedText } from './peeked-text.ts';
import type { Refusal } from './refusal.ts';

/** No tag of nmap is longer but for its command line, which Linux limits to less. */
const LONGEST_TAG = 1 << 22;
/** Elements inside each other, of which nmap has a dozen. */
const MOST_OPEN = 256;

export class NmapXml {
  /** What was not scanned, such as names that do not resolve; complete once the hosts have been read. */
  readonly skipped: string[] = [];
  /** When the run ended, and why it failed if it did; complete once the hosts have been read. */
  endedAt: Date | undefined;
  failure: string | undefined;
  private readonly text: PeekedText;
  private readonly refuse: Refusal;
  private readonly parser = sax.parser(true, { position: true });
  private fault: Error | undefined;
  private hasRun = false;
  private command = '';
  private startedAt: Date | undefined;
  /** Elements that are open. */
  private depth = 0;
  /** Where the last tag ended, in characters. */
  private lastTagEnd = 0;
  /** The host that is open. */
  private host: NmapHostElements | undefined;
  private readonly finished: NmapHost[] = [];

  /** @throws what `refuse` makes of a page of HTML */
  constructor(text: PeekedText, refuse: Refusal) {
    if (/^\s*(<!doctype html|<html)/i.test(text.head)) {
      throw refuse(undefined, 'is an HTML page', 'give the report as CSV or JSON Lines');
    }
    this.text = text;
    this.refuse = refuse;
    const { parser } = this;
    // Its own limit is too short for long command lines, and is lost at a DOCTYPE.
    Object.assign(parser, { bufferCheckPosition: Number.POSITIVE_INFINITY });
    parser.onerror = () => {
      this.fail('is not well-formed XML', 'give the file as nmap wrote it, after nmap has ended');
      parser.resume();
    };
    parser.onopentag = ({ name, attributes }) => this.open(name, attributes as Attributes);
    parser.onclosetag = () => this.close();
  }

  /** The command line; '' if the report does not say. Known with the first hosts. */
  get args(): string {
    return this.command;
  }

  /**
   * The hosts in the order of the file, as many at a time as a piece of it holds; to be read once. The parser is strict,
   * resolves no entities but the five of XML, and keeps little more than a tag of 4 million characters.
   * @throws what `refuse` makes of text that is not XML, or not of nmap
   */
  async *hosts(): AsyncGenerator<readonly NmapHost[]> {
    for await (const piece of this.text.whole) {
      this.parser.write(piece);
      if (this.parser.position - this.lastTagEnd > LONGEST_TAG) {
        this.fail('has a tag that is too long', 'give a file that nmap -oX wrote');
      }
      if (this.fault !== undefined) throw this.fault;
      if (this.finished.length > 0) yield this.finished.splice(0);
    }
    this.parser.close();
    if (!this.hasRun) this.fail('has no scan in it', 'give a file that nmap -oX wrote');
    if (this.fault !== undefined) throw this.fault;
  }

  private fail(problem: string, advice: string): void {
    this.fault ??= this.refuse(this.line, problem, advice);
  }

  private get line(): number {
    return this.parser.line + 1;
  }

  private open(name: string, attributes: Attributes): void {
    this.depth++;
    this.lastTagEnd = this.parser.position;
    if (this.depth > MOST_OPEN) {
      this.fail('has too many elements inside each other', 'give a file that nmap -oX wrote');
    }
    if (this.depth === 1) this.openRun(name, attributes);
    else if (this.host !== undefined) this.host.open(name, attributes, this.line);
    else if (this.depth === 2) this.openPart(name, attributes);
    else if (name === 'finished') this.endRun(attributes);
  }

  private openRun(name: string, { args, start }: Attributes): void {
    if (name !== 'nmaprun') {
      this.fail('is XML, but not of nmap', 'give a file that nmap -oX wrote');
    }
    this.hasRun = true;
    this.command = args ?? '';
    this.startedAt = timeOf(start);
  }

  private openPart(name: string, attributes: Attributes): void {
    if (name === 'host') this.host = new NmapHostElements(attributes, this.startedAt);
    else if (name === 'target' && attributes['status'] === 'skipped') {
      this.skipped.push(attributes['specification'] ?? '');
    }
  }

  private endRun({ time, exit, errormsg }: Attributes): void {
    this.endedAt = timeOf(time);
    if (exit === 'error') this.failure = errormsg ?? '';
  }

  private close(): void {
    this.depth--;
    this.lastTagEnd = this.parser.position;
    if (this.depth > 1 || this.host === undefined) return;
    for (const host of this.host.hosts()) this.finished.push(host);
    this.host = undefined;
  }
}
