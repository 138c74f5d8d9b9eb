/** Words quoted for the scripts of shells. */

/** For shells of the Bourne family. */
export function bourneQuoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** For fish, which keeps escapes of the quote and of the backslash inside quotes. */
export function fishQuoted(text: string): string {
  return `'${text.replaceAll(/['\\]/g, '\\$&')}'`;
}

/** For PowerShell, which doubles the quote. */
export function powershellQuoted(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
