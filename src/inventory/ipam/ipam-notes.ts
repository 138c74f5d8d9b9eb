/** Notes about single hosts: the first few by address, and how many more there are. */

import { safeText } from '../../words.ts';

/** More of them would hide everything else. */
const MOST_NAMED = 5;
const LONGEST_VALUE = 60;

/** Collects hosts by what there is to say about them. */
export class IpamNotes {
  private readonly addresses = new Map<string, string[]>();

  /** @param words a note that the hosts follow, such as `no configured subnet has` */
  add(words: string, host: string): void {
    const others = this.addresses.get(words);
    if (others === undefined) this.addresses.set(words, [host]);
    else others.push(host);
  }

  /** A line for each kind of note. */
  get lines(): string[] {
    return [...this.addresses].map(([words, hosts]) => {
      const more = hosts.length - MOST_NAMED;
      const named = hosts.slice(0, MOST_NAMED).join(', ');
      return `${words} ${named}${more > 0 ? ` and ${more} more` : ''}`;
    });
  }
}

/** Text from outside for a note: escaped, and cut if it is long. */
export function noted(text: string): string {
  const short = text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
  return safeText(JSON.stringify(short));
}
