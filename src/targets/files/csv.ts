/** CSV with a column of addresses, as spreadsheets and address management systems export it, and echosweep's own reports. */

import { parseAddress } from '../../address.ts';
import { addressColumns, columnsNamed } from '../../text/address-columns.ts';
import { csvHeaderOf, csvRows } from '../../text/csv-rows.ts';
import type { PeekedText } from '../../text/peeked-text.ts';
import { plainIPv6, plainPrefix } from '../plain-prefix.ts';
import { quoted } from '../target-error.ts';
import { contentLines } from './content-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';
import { targetsIn } from './plain-list.ts';

/** Without a column of addresses, columns of targets, written as on the command line: the first kind that there is. */
const TARGET_COLUMNS: readonly RegExp[] = [/^targets?$/, /^(host|host_?name|fqdn|dns_name)$/];
/** A subnet without its prefix length would be a single host. */
const SUBNET_COLUMN = /^(prefix(es)?|cidr|subnets?|networks?)$/;
const LONGEST_LIST_OF_COLUMNS = 10;

export const CSV: TargetFormat = {
  name: 'CSV',
  matches: (head) => {
    if (/^sep=. *$/i.test(head.split(/[\r\n]/, 1)[0]!)) return true;
    // A line that begins with a semicolon is a comment of a block list, not a header with an empty first cell.
    const isBlockList = contentLines(head)[0]?.startsWith(';') === true;
    return (!isBlockList && isHeader(headerOf(head).cells)) || isForeign(head);
  },
  read: readCsv,
};

async function readCsv(text: PeekedText, found: FoundTargets): Promise<void> {
  const header = headerOf(text.head);
  if (!isHeader(header.cells)) {
    const columns = header.cells
      .slice(0, LONGEST_LIST_OF_COLUMNS)
      .map((cell) => quoted(cell.trim()));
    throw found.refuse(
      header.skippedLines + 1,
      `none of the columns is called address or IP: ${columns.join(', ')}`,
      'name the column of the addresses so, or give a plain list',
    );
  }
  const addresses = addressColumns(header.cells);
  const subnets = addresses.length > 0 ? [] : columnsNamed(header.cells, SUBNET_COLUMN);
  const targets = addresses.length + subnets.length > 0 ? [] : targetColumns(header.cells);
  const [hostname, reason] = ['hostname', 'reason'].map((name) => header.cells.indexOf(name));
  const addTargets = (cells: readonly string[], line: number): void => {
    for (const column of addresses) {
      for (const word of wordsIn(withoutMasks(cells[column]))) found.host(word, line);
    }
    for (const column of subnets) {
      for (const word of wordsIn(cells[column])) readSubnet(word, line, found);
    }
    for (const column of targets) found.targets(targetsInCell(cells[column]), line);
    // Our own reports have rows for names that did not resolve.
    if (cells[reason!] === 'name-unresolved') {
      for (const word of wordsIn(cells[hostname!])) found.target(word, line);
    }
  };
  let isFirst = true;
  for await (const rows of csvRows(text, header, { isRagged: true }, found.refuse)) {
    for (const { line, cells } of rows) {
      if (isFirst) isFirst = false;
      else addTargets(cells, line);
    }
  }
}

function headerOf(head: string): ReturnType<typeof csvHeaderOf> {
  return csvHeaderOf(head, isHeader);
}

function isHeader(cells: readonly string[]): boolean {
  if (hasAddress(cells)) return false;
  const columns = [addressColumns(cells), columnsNamed(cells, SUBNET_COLUMN), targetColumns(cells)];
  return columns.some(({ length }) => length > 0);
}

function targetColumns(header: readonly string[]): number[] {
  const found = TARGET_COLUMNS.map((pattern) => columnsNamed(header, pattern));
  return found.find(({ length }) => length > 0) ?? [];
}

function readSubnet(word: string, line: number, found: FoundTargets): void {
  if (parseAddress(word) !== undefined) {
    found.wrong(
      line,
      `${quoted(word)} is in a column of subnets and has no prefix length`,
      'write it with one, such as 192.0.2.0/24, or call the column address',
    );
  } else found.target(word, line);
}

/** Routers print an address and its mask with a blank between, and the mask must not become a host. */
function withoutMasks(cell: string | undefined): string | undefined {
  // Looks back only from a mask, or the time would grow with the square of the blanks.
  return cell?.replaceAll(/\s255(?<=[\d.]\s+255)(\.\d{1,3}){3}(?![\d.])/g, '');
}

/** A cell may hold several addresses. */
function wordsIn(cell: string | undefined): string[] {
  return (cell ?? '').split(/[\s,;]+/).filter((word) => word !== '');
}

/** Written as on the command line, with semicolons between them too. */
function targetsInCell(cell: string | undefined): string[] {
  return targetsIn((cell ?? '').replaceAll(';', ' '));
}

/**
 * Whether it is CSV whose columns have other names: a first line without an address, and a second one that is as wide
 * and has one among other cells. Taken for a plain list, its words would become look-ups of names.
 */
function isForeign(head: string): boolean {
  // A line that begins with a semicolon is a comment of a block list, not a row with an empty first cell.
  const [first, second] = contentLines(head).filter((line) => !/^\s*;/.test(line));
  if (first === undefined || second === undefined || hasAddress(cellsOf(first, /[,;\t|]/))) {
    return false;
  }
  return [/,/, /;/, /\t/, /\|/].some((delimiter) => {
    const [names, cells] = [cellsOf(first, delimiter), cellsOf(second, delimiter)];
    const isWide = names.length > 1 && names.length === cells.length;
    if (!isWide || !hasAddress(cells)) return false;
    // A row of addresses alone may as well be a list, unless the first one names them: `LAN IP,WAN IP`.
    return names.some((name) => /\bip\b/i.test(name)) || !cells.every((cell) => hasAddress([cell]));
  });
}

function cellsOf(line: string, delimiter: RegExp): string[] {
  return line.split(delimiter).map((cell) => cell.trim().replaceAll(/^"|"$/g, ''));
}

/** Of a range, its first address. */
function hasAddress(cells: readonly string[]): boolean {
  const firsts = cells.map((cell) => cell.split('-', 1)[0]!.trim());
  return firsts.some((first) => plainPrefix(first) >= 0 || plainIPv6(first) !== undefined);
}
