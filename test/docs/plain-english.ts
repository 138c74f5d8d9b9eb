/** Turns of phrase that do not read like plain English, and where a text uses them. */

export interface Rule {
  readonly pattern: RegExp;
  readonly instead: string;
}

export interface Finding {
  /** Counted from 1. */
  readonly line: number;
  readonly found: string;
  readonly instead: string;
}

/** What a pattern matches on the left, what to write on the right. A space matches any white space, also a line end. */
const PHRASES: readonly (readonly [pattern: string, instead: string])[] = [
  ['anew', 'again'],
  ['beside', 'next to, alongside, compared with'],
  ['who(?:m|ever)', 'the host that, anyone who'],
  [
    'who (?:says?|said|answer(?:s|ed)?|asks?|asked|does|did|is|sent)',
    'the host that, the responder',
  ],
  ['(?:no|some|every)body', 'no host, a router, everyone'],
  ['(?<!inventory )t(?:ell|ells|elling|old)', 'report, show, say, notify, distinguish'],
  [
    '(?<!there )(?:is|are|was|were) no(?! (?:longer|more|less|fewer|larger|later|earlier|better))(?= \\w)',
    'is not a',
  ],
  ['(?:stands?|stood)(?! for)', 'is'],
  ['lies', 'is'],
  ['befalls?', 'happens to'],
  ['mend(?:s|ed)?', 'fix'],
  ['bears?', 'carries, has'],
  ['amiss', 'wrong'],
  ['trusts? (?:itself|themselves)', 'is reliable'],
  ['(?:is|are) right', 'is valid, is correct'],
  ['as (?:it|they) comes?', 'with its defaults, as it arrives'],
  ['of late', 'recent'],
  ['for ever', 'forever'],
  ['ever new', 'new'],
  ['likes it', '(leave out)'],
  ['such a thing', 'it'],
  ['the own', 'its own, our own'],
  ['some [0-9]\\S*', 'about'],
  ['makes? exit code', 'gives exit code'],
  ['in the end', 'at the end, finally'],
  ['goe?s? before', 'overrides'],
  [
    '(?:one|a) (?:row|mark|cell|character|line|file|record|object|octet|sentence) an? \\w+',
    '… per …',
  ],
  [
    'where (?:there (?:is|are|was|were)|(?:it|they) (?:is|are|was|has|have|does|do)|none|nothing|no one)',
    'if',
  ],
  ['so that [^.]* so that', 'two sentences'],
];

/** Where a sentence or what a function throws depends on a condition, it is not a place. */
const CONDITIONS: readonly Rule[] = [
  { pattern: /(?<=^|[.!?:|]\s+|\n\n|\n\s*- )Where\b(?! to\b)(?= \w)/g, instead: 'If, When' },
  { pattern: /@(?:throws|returns)[^@\n]*?\bwhere\b/g, instead: '… if' },
];

export const RULES: readonly Rule[] = [
  ...PHRASES.map(([pattern, instead]) => ({ pattern: phrase(pattern), instead })),
  ...CONDITIONS,
];

/** @param words such as `own link`, also in the plural */
export function ruleAgainst(words: string, instead: string): Rule {
  return { pattern: phrase(`${words}(?:s|es)?`), instead };
}

/** What a text should not say, in order. */
export function findingsIn(text: string, rules: readonly Rule[]): Finding[] {
  return rules
    .flatMap(({ pattern, instead }) =>
      [...text.matchAll(pattern)].map(({ index, 0: found }) => ({
        line: text.slice(0, index).split('\n').length,
        found: found.replaceAll(/\s+/g, ' '),
        instead,
      })),
    )
    .sort((a, b) => a.line - b.line);
}

/** The prose of Markdown: code, link targets and HTML comments are blank, and every line keeps its number. */
export function proseOf(markdown: string): string {
  return blanked(
    markdown,
    /^```.*\n[\s\S]*?^```$|``[^`]+``|`[^`\n]+`|\]\([^)\s]+\)|<!--[\s\S]*?-->/gm,
  );
}

/** Names of files, properties and modules; SQL, whose columns keep the names that databases have. */
const NO_PROSE =
  /^['"](?:[.]{0,2}\/\S*|[\w-]+)['"]$|^[`'"]\s*(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER) /;

/**
 * Comments, and strings that are prose, of TypeScript or JavaScript. Not a parser: enough to find words, not to judge a
 * syntax.
 */
export function wordsOfCode(code: string): string {
  const texts =
    /\/\*[\s\S]*?\*\/|(?<!:)\/\/[^\n]*|'(?:\\.|[^'\\\n])*'|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`/g;
  let words = '';
  let end = 0;
  for (const { index, 0: text } of code.matchAll(texts)) {
    words += blank(code.slice(end, index));
    words += NO_PROSE.test(text) ? blank(text) : blanked(text, /`[^`\n]+`(?!$)|\$\{[^}]*\}/g);
    end = index + text.length;
  }
  // A doc comment's own stars are not words.
  return blanked(words, /^ *\*+\/?|\/\*+/gm);
}

/** Comments that begin with `#`, as in shells, YAML and systemd units. */
export function hashCommentsOf(text: string): string {
  return blanked(text, /^[^#\n]*/gm);
}

function phrase(pattern: string): RegExp {
  return new RegExp(`(?<![\\w-])${pattern.replaceAll(/ (?![^[]*\])/g, '\\s+')}(?![\\w-])`, 'gi');
}

function blanked(text: string, pattern: RegExp): string {
  return text.replaceAll(pattern, blank);
}

function blank(text: string): string {
  return text.replaceAll(/[^\n]/g, ' ');
}
