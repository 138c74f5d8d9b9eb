/** Notes what the system loses during a sweep: interfaces that go down, and addresses of its own, even if they come back. */

import { networkInterfaces } from 'node:os';
import type { HostNetwork } from './host-network.ts';

/** Addresses by the name of their interface; only interfaces that are up are in it. */
export type InterfaceAddresses = Readonly<Record<string, readonly string[]>>;

/** fe80::/10 (RFC 4291 section 2.5.6). */
const LINK_LOCAL6 = /^fe[89ab]/;

export class InterfaceWatch {
  private readonly names: ReadonlySet<string>;
  private readonly isRunning: HostNetwork['isRunning'];
  private readonly read: () => InterfaceAddresses;
  private readonly before: InterfaceAddresses;
  private readonly goneInterfaces = new Set<string>();
  private readonly goneAddresses = new Set<string>();

  /** @param names of the interfaces to watch, if they are up and have an address now @param read replaces the system in tests */
  constructor(
    names: ReadonlySet<string>,
    isRunning: HostNetwork['isRunning'],
    read: () => InterfaceAddresses = systemAddresses,
  ) {
    this.names = names;
    this.isRunning = isRunning;
    this.read = read;
    this.before = read();
  }

  /** Names of the interfaces that were seen down. */
  get lostInterfaces(): readonly string[] {
    return [...this.goneInterfaces];
  }

  /** Addresses that an interface was seen without, although it was up. */
  get lostAddresses(): readonly string[] {
    return [...this.goneAddresses];
  }

  look(): void {
    const now = this.read();
    for (const [name, addresses] of Object.entries(this.before)) {
      if (!this.names.has(name)) continue;
      // An interface without any address is missing as well.
      if (now[name] === undefined && !this.isRunning(name)) this.goneInterfaces.add(name);
      else
        for (const address of lostOf(addresses, now[name] ?? [])) this.goneAddresses.add(address);
    }
  }
}

/** Addresses that are missed. Of IPv6 there are several, and temporary ones come and go (RFC 8981): one is enough. */
function lostOf(before: readonly string[], now: readonly string[]): string[] {
  const hasGlobal6 = now.some(isGlobal6);
  return before.filter((address) => !now.includes(address) && !(isGlobal6(address) && hasGlobal6));
}

function isGlobal6(address: string): boolean {
  return address.includes(':') && !LINK_LOCAL6.test(address);
}

function systemAddresses(): InterfaceAddresses {
  return Object.fromEntries(
    Object.entries(networkInterfaces()).map(([name, entries]) => [
      name,
      (entries ?? []).map(({ address }) => address),
    ]),
  );
}
