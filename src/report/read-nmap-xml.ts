/** Reads the XML of nmap and masscan (`-oX`), and ours, as a report: who was up, as far as it says. */

import type { Readable } from 'node:stream';
import { readAddress } from '../address.ts';
import { hopsFromTtl } from '../results/host-cursor.ts';
import type { ReportedRow } from '../results/host-result.ts';
import type { RunLimits } from '../results/run-record.ts';
import { unresolvedRow } from '../results/unresolved-row.ts';
import { decodedText } from '../text/decoded-text.ts';
import type { NmapHost } from '../text/nmap-host.ts';
import { NmapXml } from '../text/nmap-xml.ts';
import { peekedText } from '../text/peeked-text.ts';
import type { Refusal } from '../text/refusal.ts';
import { quoted, refusalOf, unreadable } from './csv-records.ts';
import { type NmapOutcome, outcomeInNmapWords } from './nmap/outcome-words.ts';
import { limitsFrom } from './nmap/run-facts.ts';
import { comesAfter } from './one-site.ts';
import { MAC, NO_HOST, type OpenReport, type ReportedHost } from './read-csv.ts';

const COLUMNS: ReadonlySet<string> = new Set([
  ...['address', 'hostname', 'status', 'reason'],
  ...['rtt_avg_ms', 'ttl', 'hops', 'started_at', 'mac'],
]);
const ORIGINAL = 'take the original';

/**
 * Only a report of ours is in address order; any other is read whole and sorted.
 * @param path what it is called @param file where it comes from
 * @throws EchosweepError REPORT_INVALID if it cannot be read, or is not one of nmap
 */
export async function openNmapReport(path: string, file: Readable): Promise<OpenReport> {
  const refuse = refusalOf(path);
  try {
    const xml = new NmapXml(await peekedText(decodedText(file, refuse)), refuse);
    const unresolved: ReportedRow[] = [];
    return {
      columns: COLUMNS,
      batches: batchesOf(path, file, xml, refuse, unresolved),
      unresolved,
      limits: () => limitsOf(xml),
    };
  } catch (error) {
    file.destroy();
    throw unreadable(`the report ${path}`, error);
  }
}

async function* batchesOf(
  path: string,
  file: Readable,
  xml: NmapXml,
  refuse: Refusal,
  unresolved: ReportedRow[],
): AsyncGenerator<readonly ReportedHost[]> {
  const held: ReportedHost[] = [];
  let before: ReportedHost | undefined;
  try {
    for await (const hosts of xml.hosts()) {
      const isOurs = isOfOurs(xml);
      const batch: ReportedHost[] = [];
      for (const each of hosts) {
        const host = reportedHost(each, refuse);
        if (!isOurs) {
          held.push(host);
          continue;
        }
        if (before !== undefined && !comesAfter(host, before)) {
          throw refuse(each.line, `${host.text} does not come after ${before.text}`, ORIGINAL);
        }
        before = host;
        batch.push(host);
      }
      yield batch;
    }
    yield inAddressOrder(held);
    // nmap also skips addresses to which it has no route.
    for (const name of xml.skipped) {
      if (readAddress(name) === undefined) unresolved.push(unresolvedRow(name));
    }
  } catch (error) {
    throw unreadable(`the report ${path}`, error);
  } finally {
    file.destroy();
  }
}

function isOfOurs({ args }: NmapXml): boolean {
  return args.startsWith('echosweep ');
}

function limitsOf(xml: NmapXml): RunLimits | undefined {
  const { failure, endedAt = null } = xml;
  if (failure === undefined) return undefined;
  if (isOfOurs(xml)) return { endedAt, ...limitsFrom(failure) };
  return { endedAt, failure, partial: true, doubts: [] };
}

function reportedHost(host: NmapHost, refuse: Refusal): ReportedHost {
  const address = readAddress(host.address);
  if (address === undefined) {
    throw refuse(host.line, `${quoted(host.address)} is not an address`, ORIGINAL);
  }
  const { hostname, mac, srttUs, ttl, startedAt } = host;
  const { status, reason } = outcomeOf(host);
  const isUp = status === 'up';
  return {
    ...NO_HOST,
    address: address.text,
    text: address.text,
    key: address.key,
    hostname,
    status,
    reason,
    // Of other hosts they are those of an ICMP error.
    rttAvgMs: isUp && srttUs !== undefined ? srttUs / 1000 : null,
    ttl: isUp && ttl !== undefined ? ttl : null,
    hops: isUp && ttl !== undefined ? hopsFromTtl(ttl) : null,
    startedAt: startedAt ?? null,
    mac: mac !== undefined && MAC.test(mac) ? mac.toLowerCase() : null,
  };
}

/** nmap -Pn and -sL take each host for granted, and masscan has no states: then only an answer from a port counts. */
function outcomeOf({ state, reason = '', ports, portReason = '' }: NmapHost): NmapOutcome {
  if (state !== undefined && reason !== 'user-set') return outcomeInNmapWords(state, reason);
  if (ports === 'answered') return outcomeInNmapWords('up', portReason);
  return { status: ports === 'silent' ? 'down' : 'error', reason: null };
}

/** Sorted, each address once: masscan lists a host for each of its ports, and nmap one that was given twice. */
function inAddressOrder(hosts: ReportedHost[]): ReportedHost[] {
  hosts.sort((a, b) => (comesAfter(b, a) ? -1 : Number(comesAfter(a, b))));
  const kept: ReportedHost[] = [];
  for (const host of hosts) {
    const last = kept.at(-1);
    if (last?.key !== host.key) kept.push(host);
    else if (host.status === 'up' && last.status !== 'up') kept[kept.length - 1] = host;
  }
  return kept;
}
