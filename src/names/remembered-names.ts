/** Names that are looked up once, although rows with them are made twice. */

import type { ReverseLookup } from './reverse-dns.ts';

export class RememberedNames implements Pick<ReverseLookup, 'namesOf' | 'close'> {
  private readonly lookup: Pick<ReverseLookup, 'namesOf' | 'close'>;
  /** undefined for an address whose name is not known. */
  private readonly names = new Map<string, string | undefined>();

  constructor(lookup: Pick<ReverseLookup, 'namesOf' | 'close'>) {
    this.lookup = lookup;
  }

  /** As `ReverseLookup.namesOf`; a name that did not come in time is not looked up again. */
  async namesOf(addresses: readonly string[], signal?: AbortSignal): Promise<Map<string, string>> {
    const unknown = addresses.filter((address) => !this.names.has(address));
    const found = await this.lookup.namesOf(unknown, signal);
    // Another call may have been quicker: what it returned stays.
    for (const address of unknown) {
      if (!this.names.has(address)) this.names.set(address, found.get(address));
    }
    return new Map(
      addresses.flatMap((address): [string, string][] => {
        const name = this.names.get(address);
        return name === undefined ? [] : [[address, name]];
      }),
    );
  }

  forget(addresses: readonly string[]): void {
    for (const address of addresses) this.names.delete(address);
  }

  close(): void {
    this.lookup.close();
  }
}
