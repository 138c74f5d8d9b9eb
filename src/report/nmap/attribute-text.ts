/** Text as an attribute of nmap's XML holds it, whatever is in it. */

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&apos;',
};

/** What XML 1.0 cannot hold, not even as a character reference (section 2.2). */
const FORBIDDEN = /(?![\t\n\r\u007F-\u009F])\p{Cc}|\p{Cs}|[\uFFFE\uFFFF]/gu;

/** Besides the above, what a reader would make a blank of (section 3.3.3), and what a terminal that shows it obeys. */
const UNSAFE = /[&<>"'\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu;

/** Every XML reader gives the text back, with U+FFFD for each character that XML cannot hold. */
export function attributeText(text: string): string {
  return text
    .replace(FORBIDDEN, '\uFFFD')
    .replace(UNSAFE, (found) => ENTITIES[found] ?? `&#${found.codePointAt(0)};`);
}
