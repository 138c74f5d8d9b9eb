/** CSV with a column of addresses, as spreadsheets and address management systems export it, and echosweep's own reports. */

import { columnName, csvHeaderOf, csvRows } from '../../text/csv-rows.ts';
import type { PeekedText } from '../../text/peeked-text.ts';
import { plainIPv6, plainPrefix } from '../plain-prefix.ts';
import { wordsOf } from '../target-collector.ts';
import { quoted } from '../target-error.ts';
import { contentLines } from './content-lines.ts';
import type { FoundTargets, TargetFormat } from './format.ts';

/** `IP`, `IPv4 Address`, `ip_addr`, `Management IP`, `primary_ip4`, `IP-Adresse`, `Adresse IP` … */
const IP_COLUMN =
  /^((host|mgmt|management|primary|device|server)_)?ip(_?v?[46])?(_?(addr|address|adresse))?(_?v?[46])?$|^(adresse|direcci[oó]n|indirizzo)_ip$/;
/** An address of this name may be a postal one, so it counts only if there is no other. */
const ADDRESS_COLUMN = /^(address|addr|adresse)$/;
/** Columns of targets, written as on the command line. */
const TARGET_COLUMN = /^(targets?|prefix(es)?|cidr|subnets?|networks?|host|host_?name|fqdn)$/;
const LONGEST_LIST_OF_COLUMNS = 10;

export const CSV: TargetFormat = {
  name: 'CSV',
  matches: (head) => {
    const { cells } = headerOf(head);
    return isHeader(cells) || /^sep=.\s*$/im.test(head.split(/[\r\n]/, 1)[0]!) || isForeign(head);
  },
  read: readCsv,
};

async function readCsv(text: PeekedText, found: FoundTargets): Promise<void> {
  const header = headerOf(text.head);
  const names = header.cells.map(columnName);
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
  const addresses = addressColumns(names);
  const targets = addresses.length > 0 ? [] : columnsNamed(names, TARGET_COLUMN);
  const [hostname, reason] = [names.indexOf('hostname'), names.indexOf('reason')];
  let isFirst = true;
  for await (const { line, cells } of csvRows(text, header, { isRagged: true }, found.refuse)) {
    if (isFirst) {
      isFirst = false;
      continue;
    }
    for (const column of addresses) {
      for (const word of wordsIn(cells[column])) found.host(word, line);
    }
    for (const column of targets) {
      for (const word of wordsIn(cells[column]).flatMap(wordsOf)) found.target(word, line);
    }
    // Our own reports have rows for names that did not resolve.
    if (reason >= 0 && cells[reason] === 'name-unresolved') {
      for (const word of wordsIn(cells[hostname])) found.target(word, line);
    }
  }
}

function headerOf(head: string): ReturnType<typeof csvHeaderOf> {
  return csvHeaderOf(head, isHeader);
}

function isHeader(cells: readonly string[]): boolean {
  if (hasAddress(cells)) return false;
  const names = cells.map(columnName);
  return addressColumns(names).length > 0 || columnsNamed(names, TARGET_COLUMN).length > 0;
}

function addressColumns(names: readonly string[]): number[] {
  const certain = columnsNamed(names, IP_COLUMN);
  return certain.length > 0 ? certain : columnsNamed(names, ADDRESS_COLUMN).slice(0, 1);
}

function columnsNamed(names: readonly string[], pattern: RegExp): number[] {
  return names.flatMap((name, i) => (pattern.test(name) ? [i] : []));
}

/** A cell may hold several addresses. */
function wordsIn(cell: string | undefined): string[] {
  return (cell ?? '').split(/[\s,;]+/).filter((word) => word !== '');
}

/**
 * Whether it is CSV whose columns have other names: a first line without an address, and a second one that is as wide
 * and has one beside other cells. Taken for a plain list, its words would become look-ups of names.
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
    return isWide && hasAddress(cells) && !cells.every((cell) => hasAddress([cell]));
  });
}

function cellsOf(line: string, delimiter: RegExp): string[] {
  return line.split(delimiter).map((cell) => cell.trim().replaceAll(/^"|"$/g, ''));
}

function hasAddress(cells: readonly string[]): boolean {
  return cells.some((cell) => plainPrefix(cell) >= 0 || plainIPv6(cell) !== undefined);
}
