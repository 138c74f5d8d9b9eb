/** What is promised of files of targets: no word is lost, and whatever else a file holds is refused in one line. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import fc from 'fast-check';
import { FoundTargets } from '../../src/targets/files/format.ts';
import { PLAIN_LIST } from '../../src/targets/files/plain-list.ts';
import { TargetCollector } from '../../src/targets/target-collector.ts';
import { readTargetFile } from '../../src/targets/target-file.ts';
import { type FuzzProperty, processorMs, property } from './property.ts';
import { assertRefusal, peeked } from './target-samples.ts';

/** Pieces of the formats that are read; as Latin-1, so that the marks of encodings can be among them. */
const FILE_PIECES = [
  ...['\n', '\r\n', '\r', ' ', ',', ';', '\t', '|', '"', '#', '#TYPE x', 'sep=;\n'],
  ...['\u00ef\u00bb\u00bf', '\u00ff\u00fe', '\u00fe\u00ff', '\u0000', '\u00c3\u00a4'],
  ...['P\u0000K', '\u001f\u008b'],
  ...['address', 'IP', 'IPv4 Address', 'prefix', 'hostname'],
  ...['10.0.0.1', '10.0.0.2/24', '::1', 'host.example'],
  ...['<nmaprun>', '<host>', '<address addr="10.0.0.3" addrtype="ipv4"/>'],
  ...['</host>', '</nmaprun>', '<!--', '-->'],
  ...['{"type":"host","address":"10.0.0.4"}', '{"type":"run"}', '{'],
  ...['Host: 10.0.0.5 (', ')', 'Status: Up'],
  ...['lease 10.0.0.6 {', '}', 'address,hwaddr,', 'address,duid,'],
  ...['1700000000 aa:bb:cc:dd:ee:ff 10.0.0.7 n *'],
];

/** Keeps the words of a list. */
class Recorder extends FoundTargets {
  readonly words: string[] = [];

  constructor() {
    super(new TargetCollector('sweep'), 'list');
  }

  override target(text: string): void {
    this.words.push(text);
  }
}

export const TARGET_FILES: readonly FuzzProperty[] = [
  property(
    'no list of targets is lost a word, or given one, by its line ends and comments',
    1500,
    [
      fc.array(
        fc.tuple(
          // A hyphen next to a blank makes a range, or half of one, which is refused.
          fc.stringMatching(/^[a-z0-9./:-]{1,12}$/).filter((word) => !/^-|-$/.test(word)),
          fc.constantFrom(' ', ', ', '\t', '\n', '\r\n', '\r', ' #x, y\n', '\n\n'),
        ),
        { maxLength: 12 },
      ),
    ],
    async (words) => {
      const recorder = new Recorder();
      const text = words.map(([word, end]) => word + end).join('');
      await PLAIN_LIST.read(peeked(text), recorder);
      assert.deepEqual(
        recorder.words,
        words.map(([word]) => word),
      );
    },
  ),
  property(
    'whatever a file of targets holds, it is read or refused in one line that names it',
    1500,
    [
      fc.array(
        fc.oneof(fc.constantFrom(...FILE_PIECES), fc.string({ unit: 'binary', maxLength: 4 })),
        { maxLength: 10 },
      ),
      fc.nat({ max: 40 }),
    ],
    async (pieces, cut) => {
      const octets = Buffer.from(pieces.join(''), 'latin1');
      const collector = new TargetCollector('sweep');
      const startedAt = processorMs();
      try {
        const chunks = [octets.subarray(0, cut), octets.subarray(cut)];
        await readTargetFile(Readable.from(chunks), 'a-file', collector);
        collector.refuseWrong();
        for (const range of collector.ranges(true)) assert.ok(range.first <= range.last);
      } catch (error) {
        assertRefusal(error);
        assert.match(error.message, /^a-file(, line \d+:)? /);
      }
      assert.ok(processorMs() - startedAt < 500, 'it took too long');
    },
  ),
];
