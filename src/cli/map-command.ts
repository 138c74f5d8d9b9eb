/** `echosweep map REPORT`: an earlier report as a map in the terminal. */

import { nothingUnread, toggle } from '../option-spec.ts';
import { AddressRuns, rowAddress } from '../report/address-runs.ts';
import { OneSite } from '../report/one-site.ts';
import { nameOfReport, readReport } from '../report/read-report.ts';
import { type MapLook, terminalMap } from '../report/terminal-map.ts';
import { cellCode } from '../results/cell-code.ts';
import type { ReportedRow } from '../results/host-result.ts';
import { plural } from '../words.ts';
import { SITE_OPTION } from './command-options.ts';
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
/** The map of a site has at least this many lines, even if the terminal is then too low for all maps. */
const LEAST_HEIGHT = 10;
/** The name of a site, and an empty line. */
const SITE_LINES = 2;

const MAP = subcommand({
  name: 'map',
  usage: '<report>',
  takes: [1, 1],
  completesTo: 'paths',
  description:
    'Draws an earlier report as a map as large as the terminal: one character for each address, or for each subnet if ' +
    'there are too many addresses. The report is CSV of schema 1, JSON Lines or XML of nmap; - is standard input. ' +
    'A report on several sites becomes a map for each site.',
  options: [
    toggle('full', '--full', 'A character for every address, however many lines that takes.'),
    SITE_OPTION,
  ],
});

/** `echosweep map`. */
export const mapCommand = runnable(MAP, runMap);

/** @throws EchosweepError REPORT_INVALID, OUTPUT_FAILED */
async function runMap(line: LineOf<typeof MAP>, streams: Streams): Promise<ExitCode> {
  const { full, site: wanted, ...unread } = line.values;
  nothingUnread(unread);
  const path = line.args[0]!;
  const name = nameOfReport(path);
  const maps: SiteMap[] = [];
  let names = 0;
  const only = wanted === undefined ? undefined : new OneSite(name, wanted);
  await readReport(path, streams.stdin, (row) => {
    const { address, site = null } = row;
    if (address === null) {
      names++;
      return;
    }
    if (only?.takes(site) === false) return;
    if (maps.length === 0 || maps.at(-1)!.site !== site) maps.push(new SiteMap(site));
    maps.at(-1)!.add(address, row);
  });
  only?.end();
  if (names > 0) {
    printWords(streams, [
      `note: ${plural(names, 'name has', 'names have')} no address and no place on the map`,
    ]);
  }
  if (maps.length === 0) {
    printWords(streams, [errorLine(`${name}: the report has no hosts, so there is no map`)]);
    return EXIT.ok;
  }
  const look = lookOf(streams, full, maps.length);
  const lines = maps.flatMap((map, i) => [...(i === 0 ? [] : ['']), ...map.lines(look)]);
  await printData(streams, lines.map((text) => `${text}\n`).join(''));
  return EXIT.ok;
}

/** @param maps that share the height of the terminal */
function lookOf({ stdout, env }: Streams, isFull: boolean, maps: number): MapLook {
  const isTerminal = stdout.isTTY === true;
  const height = isTerminal ? heightOf(stdout) - 1 : USUAL_SIZE.height;
  const share =
    maps === 1 ? height : Math.max(LEAST_HEIGHT, Math.floor(height / maps) - SITE_LINES);
  return {
    width: isTerminal ? widthOf(stdout) : USUAL_SIZE.width,
    height: isFull ? Number.POSITIVE_INFINITY : share,
    isPlain: isPlain(env),
    colour: wantsColour(stdout, env),
  };
}

/** The map of a site, or of a report without sites. */
class SiteMap {
  readonly site: string | null;
  readonly #runs = new AddressRuns();
  #codes = new Uint8Array(FIRST_ROOM);
  #count = 0;

  constructor(site: string | null) {
    this.site = site;
  }

  add(address: string, { status, reason, rttAvgMs }: ReportedRow): void {
    this.#runs.add(rowAddress(address));
    if (this.#count === this.#codes.length) {
      const larger = new Uint8Array(2 * this.#count);
      larger.set(this.#codes);
      this.#codes = larger;
    }
    this.#codes[this.#count++] = cellCode(status, reason, rttAvgMs);
  }

  lines(look: MapLook): string[] {
    const codes = this.#codes.subarray(0, this.#count);
    const map = terminalMap({ runs: this.#runs.runs, codes }, look);
    return this.site === null ? map : [`${this.site}:`, ...map];
  }
}
