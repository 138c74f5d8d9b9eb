/**
 * Names of addresses as this host knows them, from its hosts file or else from reverse DNS: many at once, within a time
 * limit, and never trusted as they are.
 */

import type { Resolver } from 'node:dns/promises';
import { type HostsFile, readHostsFile } from './hosts-file.ts';
import { printableName } from './printable-name.ts';

/** Looks up the PTR names of one address; rejects if it has none. */
type Reverse = (address: string) => Promise<string[]>;

const DEFAULT_TIMEOUT_MS = 2000;
/** Resolvers at home drop queries beyond about a hundred. */
const IN_FLIGHT = 64;

/** Sources of names; one that is left out is this system's own. */
export interface NameSources {
  /** In the form of `setServers`. */
  readonly dnsServer?: string | undefined;
  /** Used instead of DNS servers. */
  readonly reverse?: Reverse;
  /** Names by address, which come first. */
  readonly hosts?: HostsFile['names'];
}

export class ReverseLookup {
  readonly #timeoutMs: number;
  readonly #sources: NameSources;
  readonly #hosts: HostsFile['names'];
  readonly #closing = new AbortController();

  /**
   * @param timeoutMs for all the names of one call together
   * @param sources where to look names up
   */
  constructor(timeoutMs: number = DEFAULT_TIMEOUT_MS, sources: NameSources = {}) {
    this.#timeoutMs = timeoutMs;
    this.#sources = sources;
    this.#hosts = sources.hosts ?? readHostsFile().names;
  }

  /**
   * The names that came in time, by address as given. An address without a name, or whose name servers are silent, is
   * left out; never rejects.
   * @param addresses canonical text; zones are ignored
   * @param signal ends the waiting; what came before is returned
   */
  async namesOf(addresses: readonly string[], signal?: AbortSignal): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    if (addresses.length === 0) return names;
    const strangers: string[] = [];
    for (const address of addresses) {
      const own = this.#hosts.get(address) ?? this.#hosts.get(withoutZone(address));
      const name = own === undefined ? undefined : printableName(own);
      if (name === undefined) strangers.push(address);
      else names.set(address, name);
    }
    if (strangers.length === 0) return names;
    const resolver = this.#sources.reverse === undefined ? await this.#openResolver() : undefined;
    const reverse = this.#sources.reverse ?? ((address) => resolver!.reverse(address));
    const end = new AbortController();
    const stop = () => end.abort();
    const timer = setTimeout(stop, this.#timeoutMs);
    const stops = [this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    for (const other of stops) other.addEventListener('abort', stop, { once: true });
    if (stops.some((other) => other.aborted)) stop();
    try {
      await untilAborted(lookUpAll(strangers, reverse, names, end.signal), end.signal);
    } finally {
      clearTimeout(timer);
      for (const other of stops) other.removeEventListener('abort', stop);
      end.abort();
      resolver?.cancel();
    }
    return names;
  }

  /** Ends every lookup under way. */
  close(): void {
    this.#closing.abort();
  }

  /** One a call, because `cancel` ends all that a resolver has under way. Half the time, so that a lost query is sent again. */
  async #openResolver(): Promise<Resolver> {
    const { Resolver } = await import('node:dns/promises');
    const resolver = new Resolver({ timeout: Math.ceil(this.#timeoutMs / 2), tries: 2 });
    const { dnsServer } = this.#sources;
    if (dnsServer !== undefined) resolver.setServers([dnsServer]);
    return resolver;
  }
}

/** Fills `names`; after `signal` it neither looks up nor adds any more. */
async function lookUpAll(
  addresses: readonly string[],
  reverse: Reverse,
  names: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const waiting = addresses.values();
  const lane = async () => {
    // The lanes share one iterator: each takes the next address that no other has taken.
    for (const address of waiting) {
      if (signal.aborted) return;
      const name = await nameOf(address, reverse);
      if (name !== undefined && !signal.aborted) names.set(address, name);
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, addresses.length) }, lane));
}

async function nameOf(address: string, reverse: Reverse): Promise<string | undefined> {
  try {
    const found = await reverse(withoutZone(address));
    return found
      .map(printableName)
      .filter((name) => name !== undefined)
      .sort()[0];
  } catch {
    // No name, or no server that would say: either way the cell stays empty.
    return undefined;
  }
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}

/** Resolves with the work, or when the signal comes, whichever is first. */
function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return Promise.race([work, aborted]);
}
