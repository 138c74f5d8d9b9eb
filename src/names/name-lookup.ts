/** Addresses of a host name, as this system resolves names (hosts file, DNS, whatever it is set up for). */

import type { Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { FAMILIES, type PartOfAddresses } from '../address.ts';
import { readHostsFile } from './hosts-file.ts';

/** All addresses of a name, IPv4 and IPv6; rejects if there is none. */
type NameLookup = (name: string) => Promise<string[]>;

/** Of one query: sent twice, so that a lost one costs no name. */
const QUERY_TIMEOUT_MS = 2000;
const QUERIES = 2;
/**
 * Without any answer. glibc waits forever for a server that has accepted a connection. Over UDP it tries each of three
 * servers twice within half of this, unless resolv.conf says otherwise.
 */
const RESOLVER_TIMEOUT_MS = 60_000;

/** The look-up of names. @param dnsServer to query instead of the system's resolver, in the form of `setServers` */
export function nameLookup(
  dnsServer: string | undefined,
): (name: string) => Promise<string[] | PartOfAddresses> {
  return dnsServer === undefined ? systemLookup() : lookupAt(dnsServer);
}

/** By the system's resolver, which does not say if it has found a part only. */
export function systemLookup(): NameLookup {
  return limitedLookup(sharedSystemLookup);
}

/** Half of the threads on which the system looks names up (see `prepareForLookUps`). */
const MOST_REPEATED = 8;

/**
 * The same look-up for as long as a process lives: one that never ends keeps its thread, and a schedule looks the same
 * name up again and again. So only a few look-ups, of all names together, are begun while one of the same name is under way;
 * further ones share its latest.
 */
export function sharedLookup(lookup: NameLookup, mostRepeated: number = MOST_REPEATED): NameLookup {
  const latest = new Map<string, Promise<string[]>>();
  let repeated = 0;
  return (name) => {
    const earlier = latest.get(name);
    if (earlier !== undefined && repeated >= mostRepeated) return earlier;
    const repeats = earlier === undefined ? 0 : 1;
    repeated += repeats;
    const own = lookup(name).finally(() => {
      repeated -= repeats;
      if (latest.get(name) === own) latest.delete(name);
    });
    latest.set(name, own);
    return own;
  };
}

/** For what a process looks up again and again for as long as it lives. */
export const sharedSystemLookup = sharedLookup(addressesOfName);

/** The same look-up, as `connect` of node:net and `request` of node:http call it. */
export const lookupToConnect: LookupFunction = connectionLookup(sharedSystemLookup);

/** @returns what gives Node every address to try, or only the first if it wants one */
export function connectionLookup(lookup: NameLookup): LookupFunction {
  return (host, { all }, callback) => {
    lookup(host).then(
      (found) => {
        const addresses = found.map((address) => ({ address, family: isIP(address) }));
        if (all === true) callback(null, addresses);
        else callback(null, addresses[0]!.address, addresses[0]!.family);
      },
      (error: NodeJS.ErrnoException) => callback(error, []),
    );
  };
}

/**
 * The same look-up, given up for all names once none has had an answer for the limit: either the last names are left, or
 * those that wait hold every thread of the resolver. The system cannot be stopped; what it says later is ignored.
 */
export function limitedLookup(
  lookup: NameLookup,
  timeoutMs: number = RESOLVER_TIMEOUT_MS,
): NameLookup {
  const waiting = new Set<(reason: Error) => void>();
  let timer: NodeJS.Timeout | undefined;
  let isSilent = false;
  const giveUp = (): void => {
    isSilent = true;
    for (const reject of waiting) reject(unanswered());
  };
  return (name) =>
    new Promise((resolve, reject) => {
      if (isSilent) return reject(unanswered());
      waiting.add(reject);
      timer ??= setTimeout(giveUp, timeoutMs);
      const onAnswer = (): void => {
        waiting.delete(reject);
        clearTimeout(timer);
        timer = waiting.size > 0 && !isSilent ? setTimeout(giveUp, timeoutMs) : undefined;
      };
      lookup(name).finally(onAnswer).then(resolve, reject);
    });
}

/** What getaddrinfo(3) says of servers that do not answer. */
function unanswered(): Error {
  return Object.assign(new Error('no answer'), { code: 'EAI_AGAIN' });
}

/** In the system's order. */
async function addressesOfName(name: string): Promise<string[]> {
  const { lookup } = await import('node:dns/promises');
  const entries = await lookup(name, { all: true, order: 'verbatim' });
  return entries.map((entry) => entry.address);
}

async function openResolver(dnsServer: string): Promise<Resolver> {
  const { Resolver } = await import('node:dns/promises');
  const resolver = new Resolver({ timeout: QUERY_TIMEOUT_MS, tries: QUERIES });
  resolver.setServers([dnsServer]);
  return resolver;
}

/** The hosts file comes first here too. Search domains belong to the system's resolver, so names are whole. */
function lookupAt(dnsServer: string): ReturnType<typeof nameLookup> {
  const hosts = readHostsFile();
  let opened: Promise<Resolver> | undefined;
  return async (name) => {
    const local = hosts.addresses.get(name);
    if (local !== undefined) return [...local];
    opened ??= openResolver(dnsServer);
    const resolver = await opened;
    const answers = await Promise.allSettled([resolver.resolve4(name), resolver.resolve6(name)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return partIfFailed(found, answers);
    const errors = answers.flatMap((answer) =>
      answer.status === 'rejected' ? [answer.reason as NodeJS.ErrnoException] : [],
    );
    // ENODATA, no address of that family, says less than another error. A name that leads back to itself gives none.
    throw errors.find(({ code }) => code !== 'ENODATA') ?? errors[0] ?? withoutAddress(name);
  };
}

/** Some servers say of a name without IPv6 addresses that it does not exist: RFC 4074 section 4.2. */
const NONE: ReadonlySet<string> = new Set(['ENODATA', 'ENOTFOUND']);

/** @param answers one for each family */
function partIfFailed(
  addresses: string[],
  answers: readonly PromiseSettledResult<string[]>[],
): string[] | PartOfAddresses {
  for (const [i, answer] of answers.entries()) {
    if (answer.status === 'fulfilled') continue;
    const error = answer.reason as NodeJS.ErrnoException;
    if (!NONE.has(error.code ?? '')) return { addresses, failed: FAMILIES[i]!, error };
  }
  return addresses;
}

function withoutAddress(name: string): Error {
  return Object.assign(new Error(`${name} has no address`), { code: 'ENODATA' });
}
