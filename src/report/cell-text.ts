/** Takes one cell and gives its value back as text, for formats that name their values themselves. */

import type { Column, RecordSink } from '../results/column.ts';
import { decimalText } from './columns.ts';

/** Text as it is, numbers without zeros at the end, times as ISO 8601, lists with commas; `null` if there is no value. */
export class CellText implements RecordSink {
  #text: string | null = null;

  textOf<Entry>({ put, decimals }: Column<Entry, RecordSink>, entry: Entry): string | null {
    put(entry, this, decimals);
    return this.#text;
  }

  word(value: string): void {
    this.#text = value;
  }

  text(value: string | null): void {
    this.#text = value;
  }

  number(value: number | null, decimals: number): void {
    this.#text = value === null ? null : shortDecimalText(value, decimals);
  }

  time(value: Date | null): void {
    this.#text = value === null ? null : value.toISOString();
  }

  list(values: readonly (number | null)[], decimals: number): void {
    this.#text = values
      .map((value) => (value === null ? '' : shortDecimalText(value, decimals)))
      .join();
  }
}

/** `value` rounded, without zeros at the end. */
export function shortDecimalText(value: number, decimals: number): string {
  return String(Number(decimalText(value, decimals)));
}

/**
 * The names of columns as another program takes them: what it does not take becomes an underscore. A file of known hosts
 * may have any headings; two that become the same are numbered.
 * @param refused the characters that are not taken, with the flag `g`
 */
export function namesWithout(refused: RegExp, names: readonly string[]): string[] {
  const taken = new Set<string>();
  return names.map((name) => {
    const plain = name.replace(refused, '_');
    let free = plain;
    for (let n = 2; taken.has(free); n++) free = `${plain}_${n}`;
    taken.add(free);
    return free;
  });
}
