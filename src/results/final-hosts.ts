/** Hosts that are final before their block is: a sweep that writes rows as they become final passes them on. */

import { type BlockResults, MAC_OCTETS } from './block-results.ts';
import { pickedTargets } from './block-targets.ts';
import { InternedTexts } from './interned-texts.ts';

/** Some hosts of a block, in the order in which they became final. */
export interface FinalHosts {
  /** Their numbers in the block. */
  readonly hosts: Uint32Array;
  /** Their columns, in the same order. They never change again. */
  readonly results: BlockResults;
}

/** Takes final hosts; the engine passes on no more of the same block until the promise resolves. Never rejects. */
export type OnFinalHosts = (final: FinalHosts) => Promise<void>;

/** Copies of the hosts' columns. */
export function pickedResults(block: BlockResults, hosts: Uint32Array): BlockResults {
  const { probesPerHost } = block;
  const responders = new InternedTexts();
  const errnos = new InternedTexts();
  const hasMacs = block.macs.length > 0;
  const picked = {
    targets: pickedTargets(block.targets, hosts),
    probesPerHost,
    status: Uint8Array.from(hosts, (host) => block.status[host]!),
    reason: Uint8Array.from(hosts, (host) => block.reason[host]!),
    icmpType: Uint8Array.from(hosts, (host) => block.icmpType[host]!),
    icmpCode: Uint8Array.from(hosts, (host) => block.icmpCode[host]!),
    ttl: Uint8Array.from(hosts, (host) => block.ttl[host]!),
    sent: Uint16Array.from(hosts, (host) => block.sent[host]!),
    received: Uint16Array.from(hosts, (host) => block.received[host]!),
    duplicates: Uint16Array.from(hosts, (host) => block.duplicates[host]!),
    startedAtMs: Float64Array.from(hosts, (host) => block.startedAtMs[host]!),
    responder: Uint32Array.from(hosts, (host) =>
      renumbered(block.responder[host]!, block.responders, responders),
    ),
    responders: responders.texts,
    errno: Uint8Array.from(hosts, (host) => renumbered(block.errno[host]!, block.errnos, errnos)),
    errnos: errnos.texts,
    marks: new Uint8Array(hosts.length * probesPerHost),
    rttNs: new Float64Array(hosts.length * probesPerHost),
    macs: new Uint8Array(hasMacs ? hosts.length * MAC_OCTETS : 0),
    macConflicts: [],
  };
  hosts.forEach((host, at) => {
    const first = host * probesPerHost;
    picked.marks.set(block.marks.subarray(first, first + probesPerHost), at * probesPerHost);
    picked.rttNs.set(block.rttNs.subarray(first, first + probesPerHost), at * probesPerHost);
    if (!hasMacs) return;
    const mac = block.macs.subarray(host * MAC_OCTETS, (host + 1) * MAC_OCTETS);
    picked.macs.set(mac, at * MAC_OCTETS);
  });
  return picked;
}

/** @param number 1 + index of a text, 0 for none */
function renumbered(number: number, from: readonly string[], to: InternedTexts): number {
  return number === 0 ? 0 : 1 + to.indexOf(from[number - 1]!);
}
