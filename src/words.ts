/** Numbers, times and other people's text as a person or a terminal can take them: the one place for such wording. */

/** `12,345` */
export function grouped(value: number | bigint): string {
  // Intl would do the same, and take 11 to 26 ms at its first use.
  return String(value).replaceAll(/\B(?<!\.\d*)(?=(\d{3})+(?!\d))/g, ',');
}

/** `1 host`, `12,345 hosts`. @param several the plural of a word that does not just take an s */
export function plural(count: number, one: string, several = `${one}s`): string {
  return `${grouped(count)} ${count === 1 ? one : several}`;
}

/** `csv, jsonl or table` */
export function anyOf(words: readonly string[]): string {
  return words.length < 2 ? words.join() : `${words.slice(0, -1).join(', ')} or ${words.at(-1)}`;
}

/** `480 ms`, `4.8 s`, `3 min 20 s`, `1 h 05 min` */
export function duration(ms: number): string {
  if (Math.round(ms) < 1000) return `${Math.round(ms)} ms`;
  const seconds = ms / 1000;
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  if (whole < 3600) return `${Math.floor(whole / 60)} min ${twoDigits(whole % 60)} s`;
  const minutes = Math.round(seconds / 60);
  return `${Math.floor(minutes / 60)} h ${twoDigits(minutes % 60)} min`;
}

/** `07` */
export function twoDigits(value: number): string {
  return String(value).padStart(2, '0');
}

/** Controls (ANSI escapes begin with one), bidirectional and zero-width marks, lone surrogates, line separators. */
const UNSAFE = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/** Text that cannot move the cursor, change colours or reorder the text around it: anybody can choose a host name. */
export function safeText(text: string): string {
  return text.replace(UNSAFE, '\uFFFD');
}

/**
 * JSON leaves these as they are, but some readers end a line at NEL, LS and PS, and a terminal that shows the report
 * obeys C1 controls and bidirectional marks. Escaped they mean the same to every parser.
 */
const UNSAFE_IN_A_LINE = /[\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** JSON on one line that does no harm to a terminal; times as ISO 8601. */
export function safeJson(value: unknown): string {
  return JSON.stringify(value).replace(
    UNSAFE_IN_A_LINE,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
