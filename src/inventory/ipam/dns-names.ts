/** The names of hosts that address management takes: anybody can choose a PTR name, and one wrong name fails an import. */

import type { IpamHost } from './ipam-hosts.ts';
import { type IpamNotes, noted } from './ipam-notes.ts';

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

/**
 * The first of a host's names that the program takes, in lower case; undefined if there is none.
 * @param hostname names with blanks between
 * @param notes gets the first name if the program takes none
 */
export function nameFor(
  { hostname, address }: Pick<IpamHost, 'hostname' | 'address'>,
  { program, pattern }: NameRule,
  notes: IpamNotes,
): string | undefined {
  const names = (hostname ?? '').split(' ').filter((name) => name !== '');
  const name = names.find((each) => each.length <= LONGEST_NAME && pattern.test(each));
  if (name === undefined && names.length > 0) {
    notes.add(
      `without a name, since ${program} does not take it:`,
      `${address} ${noted(names[0]!)}`,
    );
  }
  return name?.toLowerCase();
}
