/** Names that are looked up once, although rows with them are made twice. */

import type { NameAnswers, ReverseLookup } from './reverse-dns.ts';

export class RememberedNames implements Pick<ReverseLookup, 'namesOf' | 'close'> {
  private readonly lookup: Pick<ReverseLookup, 'namesOf' | 'close'>;
  /** undefined for an address whose name is not known. */
  private readonly names = new Map<string, string | undefined>();

  constructor(lookup: Pick<ReverseLookup, 'namesOf' | 'close'>) {
    this.lookup = lookup;
  }

  /** As `ReverseLookup.namesOf`, but an unanswered address is so once, and not looked up again. */
  async namesOf(addresses: readonly string[], signal?: AbortSignal): Promise<NameAnswers> {
    const unknown = addresses.filter((address) => !this.names.has(address));
    const found = await this.lookup.namesOf(unknown, signal);
    // Another call may have been quicker: what it returned stays.
    const isNew = (address: string): boolean => !this.names.has(address);
    const unanswered = found.unanswered.filter(isNew);
    for (const address of unknown.filter(isNew)) this.names.set(address, found.names.get(address));
    const names = addresses.flatMap((address): [string, string][] => {
      const name = this.names.get(address);
      return name === undefined ? [] : [[address, name]];
    });
    return { names: new Map(names), unanswered };
  }

  forget(addresses: readonly string[]): void {
    for (const address of addresses) this.names.delete(address);
  }

  close(): void {
    this.lookup.close();
  }
}
