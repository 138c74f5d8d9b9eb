/**
 * Names of addresses as this host knows them, from its hosts file or else from reverse DNS: many at once, for as long as
 * name servers answer, and never trusted as they are.
 */

import type { Resolver } from 'node:dns/promises';
import { ADDRESS_BITS, parseAddress } from '../address.ts';
import { untilAborted } from '../pause.ts';
import { type HostsFile, readHostsFile } from './hosts-file.ts';
import { printableName } from './printable-name.ts';

/** Looks up the PTR names of one address; rejects if it has none. */
type Reverse = (address: string) => Promise<string[]>;

const DEFAULT_TIMEOUT_MS = 2000;
/** Resolvers at home drop queries beyond about a hundred. */
const IN_FLIGHT = 64;

/** Look-ups that a reverse zone may leave unanswered before the rest of it is left alone, unless it has answered others. */
const REVERSE_ZONE_TRIES = 3;
/** What says that an address has no name (RFC 1035 section 4.1.1, RFC 2308): an answer. Other errors say nothing. */
const NO_NAME = ['ENOTFOUND', 'ENODATA'];

/** What name servers said of some addresses, as they were given. */
export interface NameAnswers {
  readonly names: ReadonlyMap<string, string>;
  /** Those of which no server said whether they have a name; none if the look-up was stopped. */
  readonly unanswered: readonly string[];
}

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
   * @param timeoutMs how long to wait for a name server
   * @param sources where to look names up
   */
  constructor(timeoutMs: number = DEFAULT_TIMEOUT_MS, sources: NameSources = {}) {
    this.#timeoutMs = timeoutMs;
    this.#sources = sources;
    this.#hosts = sources.hosts ?? readHostsFile().names;
  }

  /**
   * Ends when all is answered, when no server has answered for the timeout, or for twice as long since the last answer,
   * so that names whose servers are silent do not end it for the others. Never rejects.
   * @param addresses canonical text; zones are ignored
   * @param signal ends the waiting; what came before is returned
   */
  async namesOf(addresses: readonly string[], signal?: AbortSignal): Promise<NameAnswers> {
    const names = new Map<string, string>();
    const strangers: string[] = [];
    for (const address of addresses) {
      const own = this.#hosts.get(address) ?? this.#hosts.get(withoutZone(address));
      const name = own === undefined ? undefined : printableName(own);
      if (name === undefined) strangers.push(address);
      else names.set(address, name);
    }
    if (strangers.length === 0) return { names, unanswered: [] };
    const resolver = this.#sources.reverse === undefined ? await this.#openResolver() : undefined;
    const reverse =
      this.#sources.reverse ?? ((address) => resolver!.resolvePtr(reverseName(address)));
    const end = new AbortController();
    const stop = () => end.abort();
    let timer = setTimeout(stop, this.#timeoutMs);
    const stops = [this.#closing.signal, ...(signal === undefined ? [] : [signal])];
    for (const other of stops) other.addEventListener('abort', stop, { once: true });
    if (stops.some((other) => other.aborted)) stop();
    const unanswered = new Set(strangers);
    const onAnswer = (address: string, name: string | undefined): void => {
      if (end.signal.aborted) return;
      clearTimeout(timer);
      timer = setTimeout(stop, 2 * this.#timeoutMs);
      unanswered.delete(address);
      if (name !== undefined) names.set(address, name);
    };
    try {
      await untilAborted(lookUpAll(strangers, reverse, onAnswer, end.signal), end.signal);
    } finally {
      clearTimeout(timer);
      for (const other of stops) other.removeEventListener('abort', stop);
      end.abort();
      resolver?.cancel();
    }
    const wasStopped = stops.some((other) => other.aborted);
    return { names, unanswered: wasStopped ? [] : [...unanswered] };
  }

  /** Ends every lookup under way. */
  close(): void {
    this.#closing.abort();
  }

  /**
   * One a call, because `cancel` ends all that a resolver has under way. A lost query is sent again: the second wait is
   * twice the first.
   */
  async #openResolver(): Promise<Resolver> {
    const { Resolver } = await import('node:dns/promises');
    const resolver = new Resolver({ timeout: Math.ceil(this.#timeoutMs / 3), tries: 2 });
    const { dnsServer } = this.#sources;
    if (dnsServer !== undefined) resolver.setServers([dnsServer]);
    return resolver;
  }
}

/** Looks nothing more up after `signal`. @param onAnswer undefined for an address without a name */
async function lookUpAll(
  addresses: readonly string[],
  reverse: Reverse,
  onAnswer: (address: string, name: string | undefined) => void,
  signal: AbortSignal,
): Promise<void> {
  const waiting = spreadOut(addresses);
  const zones = new Map<string, ReverseZone>();
  const lane = async () => {
    // The lanes share one iterator: each takes the next address that no other has taken.
    for (const address of waiting) {
      if (signal.aborted) return;
      const name = reverseZoneOf(address);
      const zone = zones.get(name) ?? { answered: 0, unanswered: 0 };
      zones.set(name, zone);
      if (zone.answered === 0 && zone.unanswered >= REVERSE_ZONE_TRIES) continue;
      try {
        const found = await reverse(withoutZone(address));
        zone.answered++;
        onAnswer(address, firstName(found));
      } catch (error) {
        if (NO_NAME.includes((error as NodeJS.ErrnoException).code ?? '')) {
          zone.answered++;
          onAnswer(address, undefined);
        } else zone.unanswered++;
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(IN_FLIGHT, addresses.length) }, lane));
}

/** So that those under way at a time are of as many reverse zones as there are: a silent one keeps up no other. */
function* spreadOut(addresses: readonly string[]): Generator<string> {
  const step = Math.ceil(addresses.length / IN_FLIGHT);
  for (let first = 0; first < step; first++) {
    for (let at = first; at < addresses.length; at += step) yield addresses[at]!;
  }
}

/** How often the name servers of a zone of in-addr.arpa or ip6.arpa answered. */
interface ReverseZone {
  answered: number;
  unanswered: number;
}

/** Name servers have a /24 or a /64 each, as a rule (RFC 2317 section 2, RFC 3596 section 2.5). */
function reverseZoneOf(address: string): string {
  const { family, value } = parseAddress(withoutZone(address))!;
  return `${family} ${value >> (family === 4 ? 8n : 64n)}`;
}

/**
 * The name whose PTR records name an address (RFC 1035 section 3.5, RFC 3596 section 2.5). Node's own `reverse` would not do:
 * it reports every failure as ENOTFOUND.
 * @param address canonical, without a zone
 */
export function reverseName(address: string): string {
  const { family, value } = parseAddress(address)!;
  if (family === 4) return `${address.split('.').reverse().join('.')}.in-addr.arpa`;
  const digits = value.toString(16).padStart(ADDRESS_BITS[6] / 4, '0');
  return `${[...digits].reverse().join('.')}.ip6.arpa`;
}

function firstName(found: readonly string[]): string | undefined {
  return found
    .map(printableName)
    .filter((name) => name !== undefined)
    .sort()[0];
}

function withoutZone(address: string): string {
  return address.replace(/%.*$/, '');
}
