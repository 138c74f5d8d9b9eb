/** The engines `raw`, `dgram` and `icmp`: native sockets in Piscina workers, or on the coordinator's own thread, or both. */

import type { Family } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import type { Ethernet } from '../host-network/host-network.ts';
import { loadHostNetwork } from '../host-network/load-host-network.ts';
import type { LocalLink } from '../host-network/local-link.ts';
import type { SocketOptions } from '../transport/contract.ts';
import type {
  IcmpHandle,
  LinkHandle,
  SocketKind,
  ThreadSockets,
  WayPast,
} from '../transport/handles.ts';
import { loadNativeSockets } from '../transport/load-native-sockets.ts';
import { fitsIntoFrame, NATIVE_REMEDIES, type NativeSockets } from '../transport/native-sockets.ts';
import {
  type BlockEngine,
  BlockNumbers,
  type EngineKind,
  type EngineRequest,
  type OpenedEngine,
} from './block-engine.ts';
import { proberSetup, socketOptions } from './engine-setup.ts';
import { JointEngine } from './joint-engine.ts';
import { LocalProber } from './local-prober.ts';
import { maySendPast, NO_RING, sendingWords, wayPast } from './ways-past.ts';

export function workerEngine(kind: SocketKind): EngineKind {
  return {
    open: (request, reason) => open(kind, request, reason),
    remedies: NATIVE_REMEDIES[kind],
  };
}

async function open(
  kind: SocketKind,
  request: EngineRequest,
  reason: string,
): Promise<OpenedEngine> {
  const native = await loadNativeSockets(kind);
  const { settings } = request;
  const workers = Math.min(request.workers, native.mostWorkers ?? request.workers);
  const options = socketOptions(settings);
  const { opened, links, ways } = await openUsable(native, kind, { ...request, workers }, options);
  const { sockets, resolving, close } = opened;
  const gatewaySockets =
    resolving.length === 0
      ? undefined
      : native.transportOver({ probing: [], searching: resolving }, options);
  const closeGatewaySockets = (): void => {
    if (resolving.length === 0) return;
    gatewaySockets?.close();
    // What goes wrong is reported by `close`.
    close(resolving.splice(0)).catch(() => {});
  };
  return {
    engine: kind,
    reason,
    clock: 'kernel',
    workers,
    hidesDrops: !native.countsDrops,
    get canSearch() {
      return kind === 'raw' && native.mayOpenLinkSockets();
    },
    canProbeZones: true,
    canGoOn: true,
    links: links.map(({ link }) => link),
    sending: [...ways].map(([family, way]) =>
      sendingWords(family, typeof way === 'string' || goPast(sockets, family) ? way : NO_RING),
    ),
    start: async (memory, shared): Promise<BlockEngine> => {
      const prober = proberSetup(settings);
      const numbers = new BlockNumbers();
      const localProber = (): LocalProber => {
        const transport = native.transportOver(sockets.at(-1)!, options);
        return new LocalProber(transport, shared, { ...prober, worker: workers - 1 }, numbers);
      };
      const share = kind === 'icmp' ? 'none' : (request.ownShare ?? 'none');
      if (share === 'all') return localProber();
      // A small sweep does without its packages.
      const { WorkerPool } = await import('./worker-pool.ts');
      const startPool = (slots: number): Promise<BlockEngine> => {
        const claims = new Int32Array(new SharedArrayBuffer(4 * slots));
        const loaded = new Int32Array(new SharedArrayBuffer(4 * slots));
        const pooled = sockets.slice(0, slots);
        const setup = { kind, sockets: pooled, claims, loaded, shared: memory, options, prober };
        return WorkerPool.start(setup, shared, numbers);
      };
      if (share === 'none' || workers !== 2) return startPool(workers);
      // First, because its thread takes longer to be ready than this one.
      const pool = startPool(1);
      return new JointEngine(localProber(), pool);
    },
    gatewaySockets,
    closeGatewaySockets,
    close: () => {
      closeGatewaySockets();
      return close();
    },
  };
}

interface OpenedSockets {
  readonly sockets: ThreadSockets[];
  readonly resolving: LinkHandle[];
  /** Closes these, or all; resolves once all are closed that ever were to be. */
  readonly close: (handles?: readonly LinkHandle[]) => Promise<void>;
}

/** What is open, and how requests leave. */
interface Opened {
  readonly opened: OpenedSockets;
  /** On which the engine resolves neighbours itself. */
  readonly links: readonly UsableLink[];
  readonly ways: ReadonlyMap<Family, WayPast | string>;
}

/** Opens all sockets. If the system refuses those of links, it resolves neighbours by itself. */
async function openUsable(
  native: NativeSockets,
  kind: SocketKind,
  request: EngineRequest,
  options: SocketOptions,
): Promise<Opened> {
  const { links: asked, gatewayLinks = [] } = request;
  const isSearching = kind === 'raw' && asked.length + gatewayLinks.length > 0;
  const usable = isSearching ? await usableLinks([...asked, ...gatewayLinks], request) : [];
  const among = (links: readonly LocalLink[]): UsableLink[] =>
    usable.filter(({ link }) => links.includes(link));
  const openWith = async (links: UsableLink[], toGateways: UsableLink[]): Promise<Opened> => {
    // Hosts of the other links are left to the system: it resolves them before a request leaves, and by any interface.
    const mayListen = kind === 'raw' && links.length === asked.length;
    const heardOn = mayListen ? await heardInterfaces(request) : new Map<Family, string>();
    const ways = await waysPast(request, heardOn);
    const wanted = { families: request.families, links, toGateways, heardOn, ways };
    const opened = openSockets(native, kind, wanted, request.workers, options);
    return { opened, links, ways };
  };
  try {
    return await openWith(among(asked), among(gatewayLinks));
  } catch (error) {
    const isAboutLinks = error instanceof EchosweepError && error.code === 'SOCKET_FAILED';
    // Tried only now: the system takes 20 ms to close the socket that tries it.
    if (!isAboutLinks || native.mayOpenLinkSockets()) throw error;
    return openWith([], []);
  }
}

/** A link with the interface that it is on. */
interface UsableLink {
  readonly link: LocalLink;
  readonly ethernet: Ethernet;
}

/**
 * The links on which the engine resolves neighbours itself. If a route depends on more than the destination, or a probe is
 * too long for a frame, that is left to the system.
 */
async function usableLinks(
  links: readonly LocalLink[],
  { settings }: EngineRequest,
): Promise<UsableLink[]> {
  const host = await loadHostNetwork();
  const tables = await host.loadLinkTables();
  const ethernets = tables.ethernets();
  const families = new Set(links.map(({ family }) => family));
  const ruled = new Set([...families].filter((family) => tables.hasPolicyRules(family)));
  return links.flatMap((link): UsableLink[] => {
    const ethernet = ethernets.get(link.interface);
    if (ethernet === undefined || ruled.has(link.family)) return [];
    const fits = fitsIntoFrame(link.family, settings.payloadBytes, ethernet);
    return fits ? [{ link, ethernet }] : [];
  });
}

/** By family: the interface that a ring listens to. If packets may leave otherwise than by it, there is none. */
async function heardInterfaces({ heardOn }: EngineRequest): Promise<ReadonlyMap<Family, string>> {
  if (heardOn === undefined || heardOn.size === 0) return new Map();
  const tables = await (await loadHostNetwork()).loadLinkTables();
  return new Map([...heardOn].filter(([family]) => !tables.hidesPaths(family)));
}

/** By family: the way past the system, or why there is none; empty if none is wanted. */
async function waysPast(
  { settings, families, behind }: EngineRequest,
  heardOn: ReadonlyMap<Family, string>,
): Promise<ReadonlyMap<Family, WayPast | string>> {
  const ways = new Map<Family, WayPast | string>();
  if (!maySendPast(settings)) return ways;
  const tables = await (await loadHostNetwork()).loadLinkTables();
  for (const family of families) {
    const isHeard = heardOn.has(family);
    // Mostly there are too few hosts: not worth a word, unless a person chose the way.
    if (!isHeard && settings.send === 'auto') continue;
    ways.set(family, await wayPast(family, isHeard, behind?.get(family), settings, tables));
  }
  return ways;
}

/** Whether the family's requests leave past the system: a socket that got no ring sends through it. */
function goPast(sockets: readonly ThreadSockets[], family: Family): boolean {
  const handles = sockets.flatMap(({ probing }) => probing).filter(({ kind }) => kind !== 'link');
  return handles.every((handle) => handle.family !== family || 'past' in handle);
}

/** What sockets are for. */
interface WantedSockets {
  readonly families: readonly Family[];
  /** On which hosts are resolved and probed. */
  readonly links: readonly UsableLink[];
  /** On which gateways alone are resolved. */
  readonly toGateways: readonly UsableLink[];
  /** The interface that a ring listens to. */
  readonly heardOn: ReadonlyMap<Family, string>;
  readonly ways: ReadonlyMap<Family, WayPast | string>;
}

/** Those of every worker, by slot. */
function openSockets(
  native: NativeSockets,
  kind: SocketKind,
  { families, links, toGateways, heardOn, ways }: WantedSockets,
  workers: number,
  options: SocketOptions,
): OpenedSockets {
  const opened = new Set<IcmpHandle | LinkHandle>();
  const closing: Promise<void>[] = [];
  const closeAtOnce = (handles: readonly (IcmpHandle | LinkHandle)[]): void => {
    for (const handle of handles) native.closeSocket(handle);
  };
  const close = async (handles?: readonly LinkHandle[]): Promise<void> => {
    const closed = (handles ?? [...opened]).filter((handle) => opened.delete(handle));
    if (native.closeAside === undefined) closeAtOnce(closed);
    else closing.push(native.closeAside(closed));
    await Promise.all(closing);
  };
  const keep = <Handle extends IcmpHandle | LinkHandle>(handle: Handle): Handle => {
    opened.add(handle);
    return handle;
  };
  try {
    const sockets = Array.from({ length: workers }, () => ({
      probing: [
        ...families.map((family) => {
          const way = ways.get(family);
          const past = typeof way === 'string' ? undefined : way;
          return keep(native.openIcmpSocket(kind, family, options, heardOn.get(family), past));
        }),
        ...links.map(({ link, ethernet }) => keep(native.openLinkSocket(link, ethernet, options))),
      ],
      searching: links.map(({ link, ethernet }) =>
        keep(native.openNeighbourSocket(link, ethernet)),
      ),
    }));
    const resolving = toGateways.map(({ link, ethernet }) =>
      keep(native.openNeighbourSocket(link, ethernet)),
    );
    return { sockets, resolving, close };
  } catch (error) {
    closeAtOnce([...opened]);
    throw error;
  }
}
