/** Chooses and opens an engine: the one place that knows all four. */

import { randomBytes } from 'node:crypto';
import { networkInterfaces, platform } from 'node:os';
import type { WorkerSockets } from '../../workers/messages.ts';
import type { Family } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import { nothingUnread } from '../option-spec.ts';
import { ENGINES, type Engine } from '../options.ts';
import type { ProberSetup } from '../probe/active-block.ts';
import { makeSchedule } from '../probe/schedule.ts';
import type { SharedState } from '../probe/shared-state.ts';
import type { PacketSettings, SweepSettings } from '../settings.ts';
import type { SocketOptions } from '../transport/contract.ts';
import type { Ethernet } from '../transport/linux/ethernet.ts';
import type { Link } from '../transport/linux/link.ts';
import type { SocketHandle, SocketKind } from '../transport/linux/open-socket.ts';
import { openRawSocketTransport } from '../transport/raw-socket.ts';
import type { BlockEngine, OpenEngine } from './block-engine.ts';
import { LocalProber } from './local-prober.ts';
import { SystemPingEngine } from './system-ping-engine.ts';
import { WorkerPool } from './worker-pool.ts';

export interface EngineRequest {
  readonly settings: SweepSettings;
  readonly families: readonly Family[];
  /** Of the targets; empty where none is link-local. */
  readonly zones: readonly string[];
  readonly workers: number;
  /** Where neighbours are to be looked for, if the engine can. */
  readonly links: readonly Link[];
}

/**
 * Opens the engine asked for, or with `auto` the best that works here.
 * @throws EchosweepError `NO_ENGINE` where none does, `OPTION_INVALID` where an option cannot be met by the engine
 */
export async function openEngine(request: EngineRequest): Promise<OpenEngine> {
  const { engine } = request.settings;
  if (engine !== 'auto') return open(engine, request, 'asked for');
  const refusals: string[] = [];
  for (const candidate of ENGINES) {
    try {
      const reason =
        refusals.length === 0
          ? 'the best there is'
          : `best that works here: ${refusals.join('; ')}`;
      return await open(candidate, request, reason);
    } catch (error) {
      if (!(error instanceof EchosweepError) || error.code !== 'NO_ENGINE') throw error;
      refusals.push(`${candidate}: ${error.problem}`);
    }
  }
  throw new EchosweepError(
    'NO_ENGINE',
    'no engine works here',
    '`echosweep doctor` shows what would allow one',
  );
}

function open(engine: Engine, request: EngineRequest, reason: string): Promise<OpenEngine> {
  switch (engine) {
    case 'raw':
    case 'dgram':
      return openLinux(engine, request, reason);
    case 'raw-socket':
      return openRawSocket(request, reason);
    case 'system':
      return SystemPingEngine.open(request.settings, ownAddresses(), reason);
  }
}

async function openLinux(
  kind: SocketKind,
  request: EngineRequest,
  reason: string,
): Promise<OpenEngine> {
  const linux = await loadLinux(kind);
  const { settings, families, workers } = request;
  const handles: { readonly fd: number }[] = [];
  const close = (): void => {
    for (const handle of handles.splice(0)) linux.closeSocket(handle);
  };
  const canSearch = kind === 'raw' && linux.mayOpenPacketSockets();
  const { links, ethernets } = canSearch ? linksHere(linux, request) : NO_LINKS;
  const openOne = (family: Family): SocketHandle => {
    const handle = linux.openSocket(kind, family, socketOptions(settings));
    handles.push(handle);
    return handle;
  };
  const openLink = (open: LinuxSockets['openLinkSocket']) => (link: Link) => {
    const handle = open(link, ethernets.get(link.interface)!, socketOptions(settings));
    handles.push(handle);
    return handle;
  };
  let sockets: WorkerSockets[];
  try {
    sockets = Array.from({ length: workers }, () => ({
      probing: [...families.map(openOne), ...links.map(openLink(linux.openLinkSocket))],
      searching: links.map(openLink(linux.openNeighbourSocket)),
    }));
  } catch (error) {
    close();
    throw error;
  }
  const start = (memory: SharedArrayBuffer, shared: SharedState): Promise<BlockEngine> =>
    WorkerPool.start(
      {
        sockets,
        claims: new Int32Array(new SharedArrayBuffer(4 * workers)),
        shared: memory,
        payloadBytes: settings.payloadBytes,
        prober: proberSetup(settings),
      },
      shared,
    );
  return { engine: kind, reason, clock: 'kernel', workers, canSearch, links, start, close };
}

interface UsableLinks {
  readonly links: readonly Link[];
  /** By name of the interface. */
  readonly ethernets: ReadonlyMap<string, Ethernet>;
}

const NO_LINKS: UsableLinks = { links: [], ethernets: new Map() };

/**
 * The links on which the engine asks for neighbours itself. Where more than the destination decides about a route, or a
 * probe is too long for a frame, the system itself knows best.
 */
function linksHere(linux: LinuxSockets, { links, settings }: EngineRequest): UsableLinks {
  const ethernets = linux.ethernets();
  const ruled = new Map(
    [...new Set(links.map(({ family }) => family))].map((family) => [
      family,
      linux.hasPolicyRules(family),
    ]),
  );
  const usable = links.filter(({ family, interface: name }) => {
    const mtu = ethernets.get(name)?.mtu ?? 0;
    return ruled.get(family) === false && linux.fitsIntoFrame(family, settings.payloadBytes, mtu);
  });
  return { links: usable, ethernets };
}

async function openRawSocket(request: EngineRequest, reason: string): Promise<OpenEngine> {
  const { settings, families, zones } = request;
  const foreign = zones.find((zone) => zone !== settings.interface);
  if (foreign !== undefined) {
    throw new EchosweepError(
      'OPTION_INVALID',
      `%${foreign}: the raw-socket engine asks link-local addresses only with --interface`,
      `sweep each link by itself with --interface ${foreign}, or use --engine raw, dgram or system`,
    );
  }
  const transport = await openRawSocketTransport(families, socketOptions(settings));
  return {
    engine: 'raw-socket',
    reason,
    clock: 'process',
    workers: 1,
    canSearch: false,
    links: [],
    start: async (_memory, shared) => new LocalProber(transport, shared, proberSetup(settings)),
    close: () => transport.close(),
  };
}

type LinuxSockets = typeof import('../transport/linux/open-socket.ts') &
  typeof import('../transport/linux/open-link-socket.ts') &
  typeof import('../transport/linux/ethernet.ts') &
  typeof import('../transport/linux/policy-rules.ts');

/** koffi is loaded only where its layouts hold. */
async function loadLinux(kind: SocketKind): Promise<LinuxSockets> {
  if (platform() !== 'linux') {
    throw new EchosweepError(
      'NO_ENGINE',
      `${kind} is for Linux`,
      'use --engine raw-socket or system',
    );
  }
  try {
    const { isSupportedHere } = await import('../transport/linux/libc.ts');
    if (isSupportedHere()) {
      return {
        ...(await import('../transport/linux/open-socket.ts')),
        ...(await import('../transport/linux/open-link-socket.ts')),
        ...(await import('../transport/linux/ethernet.ts')),
        ...(await import('../transport/linux/policy-rules.ts')),
      };
    }
  } catch (error) {
    throw new EchosweepError(
      'NO_ENGINE',
      'koffi cannot be loaded here',
      'install without --omit=optional',
      { cause: error },
    );
  }
  throw new EchosweepError(
    'NO_ENGINE',
    `${kind} needs a 64-bit little-endian Linux`,
    'use --engine raw-socket or system',
  );
}

/** What every prober of a sweep is told: fresh random keys, so that no reply to another sweep counts. */
function proberSetup(settings: SweepSettings): Omit<ProberSetup, 'worker'> {
  const random = randomBytes(12);
  return {
    schedule: makeSchedule(settings),
    orderSeed: settings.order === 'random' ? settings.seed : undefined,
    key: [random.readUInt32LE(0), random.readUInt32LE(4), random.readUInt32LE(8)],
    ownAddresses: ownAddresses(),
  };
}

function socketOptions(settings: PacketSettings): SocketOptions {
  const {
    payloadBytes,
    ttl,
    tos,
    dontFragment,
    source4,
    source6,
    interface: name,
    ...unread
  } = settings;
  nothingUnread(unread);
  return {
    payloadBytes,
    dontFragment,
    ...(ttl !== undefined && { ttl }),
    ...(tos !== undefined && { tos }),
    ...(source4 !== undefined && { source4 }),
    ...(source6 !== undefined && { source6 }),
    ...(name !== undefined && { interface: name }),
  };
}

/** This host's addresses in canonical text, without zones. */
function ownAddresses(): string[] {
  return Object.values(networkInterfaces()).flatMap((entries) =>
    (entries ?? []).map((entry) => entry.address.split('%')[0]!),
  );
}
