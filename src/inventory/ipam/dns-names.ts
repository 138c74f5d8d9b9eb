/** The names of hosts that address management takes: anybody can choose a PTR name, and one wrong name fails an import. */

/** The names that a program takes. */
export interface NameRule {
  readonly program: string;
  readonly pattern: RegExp;
}

const LONGEST_NAME = 255;

/** `DNSValidator` of NetBox; it also allows the underscores of service names. */
export const NETBOX_NAMES: NameRule = {
  program: 'NetBox',
  pattern: /^([0-9A-Za-z_-]+|\*)(\.[0-9A-Za-z_-]+)*\.?$/,
};

const LABEL = '[0-9a-z](?:[0-9a-z-]{0,61}[0-9a-z])?';

/** RFC 1123 section 2.1, and a dot at the end. */
export const PHPIPAM_NAMES: NameRule = {
  program: 'phpIPAM',
  pattern: new RegExp(`^${LABEL}(?:[.]${LABEL})*[.]?$`, 'i'),
};

/** The name of a host for a program; `refused` is a name that the program does not take. */
export interface ChosenName {
  readonly name: string | undefined;
  readonly refused: string | undefined;
}

/**
 * The first of a host's names that the program takes, in lower case.
 * @param hostname names with blanks between
 */
export function nameFor(hostname: string | null, { pattern }: NameRule): ChosenName {
  const names = (hostname ?? '').split(' ').filter((name) => name !== '');
  const name = names.find((each) => each.length <= LONGEST_NAME && pattern.test(each));
  const refused = name === undefined ? names[0] : undefined;
  return { name: name?.toLowerCase(), refused };
}
