/** Names of addresses from reverse DNS: many at once, with a limit of time, and never taken at their word. */

import { Resolver } from 'node:dns/promises';

/** Asks for the PTR names of one address; rejects where it has none. */
type Reverse = (address: string) => Promise<string[]>;

const DEFAULT_TIMEOUT_MS = 2000;
/** Resolvers at home drop queries beyond about a hundred. */
const IN_FLIGHT = 64;
/** In presentation form without the last dot, RFC 1035 section 3.1. */
const LONGEST_NAME = 253;

export class ReverseLookup {
  readonly #timeoutMs: number;
  readonly #reverse: Reverse | undefined;
  readonly #closing = new AbortController();

  /**
   * @param timeoutMs for all the names of one call together
   * @param reverse asks instead of the system's name servers
   */
  constructor(timeoutMs: number = DEFAULT_TIMEOUT_MS, reverse?: Reverse) {
    this.#timeoutMs = timeoutMs;
    this.#reverse = reverse;
  }

  /**
   * The names that came in time, by address as given. An address without a name, or whose name servers are silent, is
   * left out; never rejects.
   * @param addresses canonical text; a zone is not asked for
   * @param signal ends the waiting; what came before is returned
   */
  async namesOf(addresses: readonly string[], signal?: AbortSignal): Promise<Map<string, string>> {
    const names = new Map<string, string>();
    if (addresses.length === 0) return names;
    const resolver = this.#reverse === undefined ? this.#openResolver() : undefined;
    const reverse = this.#reverse ?? ((address) => resolver!.reverse(address));
    const end = new AbortController();
    const stop = () => end.abort();
    const timer = setTimeout(stop, this.#timeoutMs);
    const stops = [this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    for (const other of stops) other.addEventListener('abort', stop, { once: true });
    if (stops.some((other) => other.aborted)) stop();
    try {
      await untilAborted(lookUpAll(addresses, reverse, names, end.signal), end.signal);
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
  #openResolver(): Resolver {
    return new Resolver({ timeout: Math.ceil(this.#timeoutMs / 2), tries: 2 });
  }
}

/** Fills `names`; after `signal` nothing more is asked and nothing more is added. */
async function lookUpAll(
  addresses: readonly string[],
  reverse: Reverse,
  names: Map<string, string>,
  signal: AbortSignal,
): Promise<void> {
  const waiting = addresses.values();
  const lane = async () => {
    // The lanes share one iterator: each takes the next address that nobody has taken.
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
    const found = await reverse(address.replace(/%.*$/, ''));
    return found
      .filter((name) => name.length > 0 && name.length <= LONGEST_NAME)
      .map(printableName)
      .sort()[0];
  } catch {
    // No name, or nobody who would say: either way the cell stays empty.
    return undefined;
  }
}

/** Octets outside printable ASCII, and blanks, as `\DDD` (RFC 1035 section 5.1): the name is somebody else's text. */
function printableName(name: string): string {
  return Array.from(Buffer.from(name, 'utf8'), (octet) =>
    octet > 0x20 && octet < 0x7f
      ? String.fromCharCode(octet)
      : `\\${String(octet).padStart(3, '0')}`,
  ).join('');
}

/** Resolves with the work, or when the signal comes, whichever is first. */
function untilAborted(work: Promise<void>, signal: AbortSignal): Promise<void> {
  const aborted = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
  return Promise.race([work, aborted]);
}
