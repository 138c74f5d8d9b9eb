/** Tries every engine on the loopback address. */

import { readFileSync } from 'node:fs';
import { platform } from 'node:os';
import { EchosweepError } from '../errors.ts';
import { loadHostNetwork } from '../host-network/load-host-network.ts';
import { systemInterfaces } from '../host-network/system-interfaces.ts';
import { ENGINES, type Engine } from '../options.ts';
import { prepareSharedState, SharedState } from '../probe/shared-state.ts';
import type { BlockResults } from '../results/block-results.ts';
import { blockOfRanges } from '../results/block-targets.ts';
import { resolveSettings, type SweepOptions } from '../settings.ts';
import { loadNativeSockets } from '../transport/load-native-sockets.ts';
import type { PlannedBlock } from './block-engine.ts';
import { openEngine, remediesFor } from './engines.ts';
import { type LinkSendingTrial, tryLinkSending } from './link-sending-trial.ts';
import { type LocalNetworkTrial, tryLocalNetwork } from './local-network-trial.ts';
import { loopbackAnswer } from './loopback-answer.ts';

export interface EngineTrial {
  readonly engine: Engine;
  readonly works: boolean;
  /** What happened, one line. */
  readonly detail: string;
  /** Commands, or lines for a configuration, any one of which may make it work; empty if it works. */
  readonly remedies: readonly string[];
}

/** One quiet host needs no more than this; all else is the default. */
const TRIAL = {
  targets: '127.0.0.1',
  retries: 1,
  backoff: 1,
  ratePps: Number.POSITIVE_INFINITY,
  arp: false,
  order: 'sequential',
  seed: 0,
  canary: false,
} as const satisfies SweepOptions;

const LOOPBACK_UP = 'sudo ip link set lo up   (if the loopback interface is down)';
/** Where no program can have the capability, one whose file has it does not even start. */
const GIVES_CAPABILITY = /cap_net_raw|^sudo echosweep/i;
const RAW_CONTAINER =
  'docker run --cap-add=NET_RAW …   (or Podman: no program in here can get the capability later)';

/** 127.0.0.1, which every host has. */
const LOOPBACK = 0x7f000001n;

/** Tries the engines one after another, best first. @throws EchosweepError SOCKET_FAILED */
export async function tryEngines(): Promise<EngineTrial[]> {
  // Every engine needs them, and the remedies of an engine do not help.
  systemInterfaces();
  const trials: EngineTrial[] = [];
  for (const engine of ENGINES) trials.push(await tryEngine(engine));
  return trials;
}

/** As `tryLocalNetwork`, on this host. */
export async function tryOwnLocalNetwork(): Promise<LocalNetworkTrial | undefined> {
  const host = await loadHostNetwork();
  return tryLocalNetwork(host, (address) => errnoOfSending('dgram', address));
}

/** As `tryLinkSending`, on this host; only where the engine `raw` works. */
export async function tryOwnLinkSending(): Promise<LinkSendingTrial[]> {
  const native = await loadNativeSockets('raw');
  const settings = resolveSettings({ ...TRIAL, engine: 'raw' });
  return tryLinkSending(await loadHostNetwork(), settings, native.mayOpenLinkSockets());
}

/** Probes 127.0.0.1 through an engine. Never throws for what the system refuses. */
async function tryEngine(engine: Engine): Promise<EngineTrial> {
  try {
    const { results, canSearch } = await probeOnce(engine, LOOPBACK);
    const answer = results === undefined ? undefined : loopbackAnswer(results);
    const more = canSearch ? '; resolves hosts of local networks by ARP and NDP' : '';
    if (answer !== undefined)
      return { engine, works: true, detail: `${answer}${more}`, remedies: [] };
    // It could be opened, so the remedies of the engine do not help.
    const remedies = platform() === 'linux' ? [LOOPBACK_UP] : [];
    return { engine, works: false, detail: '127.0.0.1 did not answer', remedies };
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    // The remedies take the place of the advice.
    const remedies = withinReach(await remediesFor(engine));
    return { engine, works: false, detail: error.problem, remedies };
  }
}

/** Remedies that can help this process: none gives a capability where no program can have it. */
function withinReach(remedies: readonly string[]): readonly string[] {
  const others = remedies.filter((remedy) => !GIVES_CAPABILITY.test(remedy));
  if (others.length === remedies.length || mayHaveRawSockets()) return remedies;
  return [RAW_CONTAINER, ...others];
}

/** Whether CAP_NET_RAW (13) is in the bounding set (capabilities(7)); true if that is not known. */
function mayHaveRawSockets(): boolean {
  try {
    const set = /^CapBnd:\t([0-9a-f]+)$/m.exec(readFileSync('/proc/self/status', 'latin1'));
    return set === null || ((BigInt(`0x${set[1]}`) >> 13n) & 1n) === 1n;
  } catch {
    return true;
  }
}

/** The errno with which the system refuses to send to an IPv4 address; undefined if a probe leaves. */
async function errnoOfSending(engine: Engine, address: bigint): Promise<string | undefined> {
  const { results } = await probeOnce(engine, address);
  return results?.errnos[results.errno[0]! - 1];
}

/** Probes an IPv4 address. @returns no results if the process is about to end */
async function probeOnce(
  engine: Engine,
  address: bigint,
): Promise<{ readonly results: BlockResults | undefined; readonly canSearch: boolean }> {
  const memory = prepareSharedState({ ratePps: TRIAL.ratePps, neighbourCap: 1, nowNs: 0 });
  const shared = new SharedState(memory);
  const opened = await openEngine({
    settings: resolveSettings({ ...TRIAL, engine }),
    families: [4],
    zones: [],
    workers: 1,
    ownShare: 'all',
    links: [],
  });
  try {
    const started = await opened.start(memory, shared);
    try {
      const results = await started.probe(blockOf(address));
      return { results, canSearch: opened.canSearch };
    } finally {
      await started.close();
    }
  } finally {
    await opened.close();
  }
}

function blockOf(address: bigint): PlannedBlock {
  const range = { family: 4, zone: '', first: address, last: address } as const;
  return { targets: blockOfRanges([range]), scopeId: 0, reach: 'routed' };
}
