/** Notes what the system loses during a sweep: interfaces that go down, and addresses of its own, even if they come back. */

import { isLinkLocal6, parseAddress } from '../address.ts';
import type { HostNetwork } from './host-network.ts';
import { systemInterfaces } from './system-interfaces.ts';

/** Addresses by the name of their interface; only interfaces that are up are in it. */
export type InterfaceAddresses = Readonly<Record<string, readonly string[]>>;

export class InterfaceWatch {
  private readonly host: Pick<HostNetwork, 'isRunning' | 'carrierLosses'>;
  private readonly read: () => InterfaceAddresses;
  private readonly before: InterfaceAddresses;
  private latest: InterfaceAddresses;
  /** By name. A loss shorter than the time between two looks is seen by its count. */
  private readonly lossesBefore: ReadonlyMap<string, number | undefined>;
  private readonly goneInterfaces = new Set<string>();
  private readonly goneAddresses = new Set<string>();

  /** @param names of the interfaces to watch, if they are up and have an address now @param read replaces the system in tests */
  constructor(
    names: ReadonlySet<string>,
    host: Pick<HostNetwork, 'isRunning' | 'carrierLosses'>,
    read: () => InterfaceAddresses = systemAddresses,
  ) {
    this.host = host;
    this.read = read;
    this.latest = read();
    this.before = Object.fromEntries(
      Object.entries(this.latest).filter(([name]) => names.has(name)),
    );
    this.lossesBefore = new Map(
      Object.keys(this.before).map((name) => [name, host.carrierLosses?.(name)]),
    );
  }

  /** Names of the interfaces that were down or without a carrier. */
  get lostInterfaces(): readonly string[] {
    return [...this.goneInterfaces];
  }

  /** Addresses that an interface was seen without, although it was up. */
  get lostAddresses(): readonly string[] {
    return [...this.goneAddresses];
  }

  look(): void {
    const now = this.readLatest();
    for (const [name, addresses] of Object.entries(this.before)) {
      if (this.hasLostCarrier(name)) this.goneInterfaces.add(name);
      // An interface without any address is missing as well.
      if (now[name] === undefined && !this.host.isRunning(name)) this.goneInterfaces.add(name);
      else
        for (const address of lostOf(addresses, now[name] ?? [])) this.goneAddresses.add(address);
    }
  }

  private readLatest(): InterfaceAddresses {
    try {
      this.latest = this.read();
    } catch {
      // A sweep that has every descriptor in use looks again soon. Nothing is lost for that.
    }
    return this.latest;
  }

  private hasLostCarrier(name: string): boolean {
    const before = this.lossesBefore.get(name);
    const now = this.host.carrierLosses?.(name);
    return before !== undefined && now !== undefined && now > before;
  }
}

/** Addresses that are missed. Of IPv6 there are several, and temporary ones come and go (RFC 8981): one is enough. */
function lostOf(before: readonly string[], now: readonly string[]): string[] {
  const hasGlobal6 = now.some(isGlobal6);
  return before.filter((address) => !now.includes(address) && !(isGlobal6(address) && hasGlobal6));
}

function isGlobal6(address: string): boolean {
  const parsed = parseAddress(address);
  return parsed?.family === 6 && !isLinkLocal6(parsed.value);
}

function systemAddresses(): InterfaceAddresses {
  return Object.fromEntries(
    Object.entries(systemInterfaces()).map(([name, entries]) => [
      name,
      (entries ?? []).map(({ address }) => address),
    ]),
  );
}
