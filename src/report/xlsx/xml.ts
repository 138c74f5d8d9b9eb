/** Text as the XML of a workbook has it. */

export const XML_HEAD = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n';

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
};

/**
 * What XML 1.0 cannot hold, or changes (a carriage return), is written as `_x000D_`, and what looks like that has its
 * underscore escaped: ECMA-376 part 1, 22.9.2.19.
 */
const UNSAFE = /[&<>"]|(?![\t\n])\p{Cc}|[\uFFFE\uFFFF]|_(?=x[0-9A-Fa-f]{4}_)/gu;

export function xmlText(text: string): string {
  return text.replace(UNSAFE, (found) => ENTITIES[found] ?? escaped(found));
}

function escaped(character: string): string {
  return `_x${character.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}_`;
}
