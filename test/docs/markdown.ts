/** The project's documents as tests read them: their texts, tables, code and links. */

import { readdirSync, readFileSync } from 'node:fs';
import { posix } from 'node:path';
import { ROOT } from '../root.ts';

/** Every Markdown file that is ours, by path from the root. */
export function documents(): string[] {
  return ['.', 'docs', 'docs/integrations', 'examples'].flatMap((folder) =>
    readdirSync(posix.join(ROOT, folder))
      .filter((name) => name.endsWith('.md'))
      .map((name) => posix.join(folder, name)),
  );
}

export function textOf(path: string): string {
  return readFileSync(posix.join(ROOT, path), 'utf8');
}

/** A heading's text as the fragment of a link to it. */
export function anchorOf(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-');
}

export function headingsOf(markdown: string): string[] {
  return [...withoutFences(markdown).matchAll(/^#+ (.*)$/gm)].map(([, text]) => text!);
}

/** What stands below a heading of any level, up to the next heading. @throws Error where there is none */
export function sectionOf(markdown: string, heading: string): string {
  const parts = withoutFences(markdown).split(/^#+ /m);
  const section = parts.find((part) => part.split('\n', 1)[0] === heading);
  if (section === undefined) throw new Error(`no heading ${heading}`);
  return section;
}

/** The cells of the table whose first heading is this, without its headings. @throws Error where there is none */
export function tableOf(markdown: string, firstHeading: string): string[][] {
  const lines = markdown.split('\n');
  const head = lines.findIndex((line) => line.startsWith('|') && cellsOf(line)[0] === firstHeading);
  if (head < 0) throw new Error(`no table that begins with ${firstHeading}`);
  const rows: string[][] = [];
  for (let at = head + 2; lines[at]?.startsWith('|'); at++) rows.push(cellsOf(lines[at]!));
  return rows;
}

/** `name` of a cell that holds a piece of code. */
export function codeIn(cell: string): string {
  return cell.replaceAll('`', '');
}

/** Fenced code: what stands behind the opening fence, and the lines inside. */
export function fencesOf(markdown: string): { readonly info: string; readonly code: string }[] {
  return [...markdown.matchAll(/^```(.*)\n([\s\S]*?)^```$/gm)].map(([, info, code]) => ({
    info: info!,
    code: code!,
  }));
}

/** Code inside of sentences. */
export function codeSpansOf(markdown: string): string[] {
  return [...withoutFences(markdown).matchAll(/`([^`\n]+)`/g)].map(([, code]) => code!);
}

/** Targets of links and of pictures. */
export function linksOf(markdown: string): string[] {
  const prose = withoutFences(markdown).replaceAll(/`[^`\n]+`/g, '');
  const links = prose.matchAll(/\]\(([^)\s]+)\)|\b(?:src|srcset)="([^"]+)"/g);
  return [...links].map(([, target, source]) => (target ?? source)!);
}

function withoutFences(markdown: string): string {
  return markdown.replaceAll(/^```.*\n[\s\S]*?^```$/gm, '');
}

function cellsOf(row: string): string[] {
  return row
    .split(/(?<!\\)\|/)
    .slice(1, -1)
    .map((cell) => cell.trim());
}
