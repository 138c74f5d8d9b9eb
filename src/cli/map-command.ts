/** `echosweep map REPORT`: an earlier report as a map in the terminal. */

import { nothingUnread, toggle } from '../option-spec.ts';
import { AddressRuns, rowAddress } from '../report/address-runs.ts';
import { readReport } from '../report/read-report.ts';
import { terminalMap } from '../report/terminal-map.ts';
import { cellCode } from '../results/cell-code.ts';
import { plural } from '../words.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type LineOf, runnable, subcommand } from './subcommand.ts';
import {
  errorLine,
  heightOf,
  isPlain,
  printData,
  printWords,
  type Streams,
  wantsColour,
  widthOf,
} from './terminal.ts';

/** If the output is not a terminal. */
const USUAL_SIZE = { width: 80, height: 40 } as const;
const FIRST_ROOM = 1 << 16;

const MAP = subcommand({
  name: 'map',
  usage: '<report>',
  takes: [1, 1],
  completesTo: 'paths',
  description:
    'Draws an earlier report, CSV of schema 1, JSON Lines or XML of nmap, - standard input, as a map as large as ' +
    'the terminal: one character for each address, or for each subnet if there are too many addresses.',
  options: [
    toggle('full', '--full', 'A character for every address, however many lines that takes.'),
  ],
});

/** `echosweep map`. */
export const mapCommand = runnable(MAP, runMap);

/** @throws EchosweepError REPORT_INVALID, OUTPUT_FAILED */
async function runMap(line: LineOf<typeof MAP>, streams: Streams): Promise<ExitCode> {
  const { full, ...unread } = line.values;
  nothingUnread(unread);
  const { stdout, env } = streams;
  const runs = new AddressRuns();
  let codes = new Uint8Array(FIRST_ROOM);
  let count = 0;
  let names = 0;
  const path = line.args[0]!;
  await readReport(path, streams.stdin, ({ address, status, reason, rttAvgMs }) => {
    if (address === null) {
      names++;
      return;
    }
    runs.add(rowAddress(address));
    if (count === codes.length) {
      const larger = new Uint8Array(2 * count);
      larger.set(codes);
      codes = larger;
    }
    codes[count++] = cellCode(status, reason, rttAvgMs);
  });
  if (names > 0) {
    printWords(streams, [
      `note: ${plural(names, 'name has', 'names have')} no address and no place on the map`,
    ]);
  }
  if (count === 0) {
    const name = path === '-' ? 'standard input' : path;
    printWords(streams, [errorLine(`${name}: the report has no hosts, so there is no map`)]);
    return EXIT.ok;
  }
  const isTerminal = stdout.isTTY === true;
  const height = isTerminal ? heightOf(stdout) - 1 : USUAL_SIZE.height;
  const lines = terminalMap(
    { runs: runs.runs, codes: codes.subarray(0, count) },
    {
      width: isTerminal ? widthOf(stdout) : USUAL_SIZE.width,
      height: full ? Number.POSITIVE_INFINITY : height,
      isPlain: isPlain(env),
      colour: wantsColour(stdout, env),
    },
  );
  await printData(streams, lines.map((text) => `${text}\n`).join(''));
  return EXIT.ok;
}
