/** Writes the few requests of man(7) that our manual pages need. */

/** In roff these are commands, or other glyphs than their ASCII characters. */
const ESCAPES: Readonly<Record<string, string>> = {
  '\\': '\\e',
  '-': '\\-',
  '^': '\\(ha',
  '~': '\\(ti',
  '`': '\\(ga',
};

/** Text of a paragraph; a line that begins like a request does not become one. */
export function prose(text: string): string {
  const escaped = text.replaceAll(/[\\^~`-]/g, (character) => ESCAPES[character]!);
  return escaped.replaceAll(/^(?=[.'])/gm, '\\&');
}

/** Text that does not belong to the entry before it. */
export function paragraph(text: string): string {
  return `.PP\n${prose(text)}`;
}

/** Text in bold. */
export function bold(text: string): string {
  return `\\fB${prose(text)}\\fR`;
}

/** Text in italics, which stands for what the user replaces. */
export function italic(text: string): string {
  return `\\fI${prose(text)}\\fR`;
}

/** @param about what the page's header and footer say: the version of the program, and the title of the manual */
export function pageTitle(name: string, about: { version: string; manual: string }): string {
  const words = [name.toUpperCase(), '1', '', about.version, about.manual];
  return `.TH ${words.map((word) => `"${prose(word)}"`).join(' ')}`;
}

export function section(title: string): string {
  return `.SH ${prose(title.toUpperCase())}`;
}

export function subsection(title: string): string {
  return `.SS ${prose(title)}`;
}

/** A term and the text that explains it. @param term already formatted */
export function entry(term: string, text: string): string {
  return `.TP\n${term}\n${prose(text)}`;
}

/** Lines as they are. Only here is the quote of programs meant, not an apostrophe. */
export function verbatim(lines: readonly string[]): string {
  const escaped = lines.map((line) => prose(line).replaceAll("'", '\\(aq'));
  return ['.nf', ...escaped, '.fi'].join('\n');
}

/** A reference to another page of section 1. */
export function pageReference(name: string): string {
  return `${bold(name)}(1)`;
}
