/** The engine `system`: connects the system's ping to the coordinator's shared state. */

import { setMaxListeners } from 'node:events';
import type { Family } from '../address.ts';
import { EchosweepError } from '../errors.ts';
import { loadHostNetwork } from '../host-network/load-host-network.ts';
import { ownAddresses } from '../host-network/own-addresses.ts';
import { pause } from '../pause.ts';
import { mix32, SendOrder } from '../probe/send-order.ts';
import type { SharedState } from '../probe/shared-state.ts';
import type { BlockResults } from '../results/block-results.ts';
import type { OnFinalHosts } from '../results/final-hosts.ts';
import type { SweepSettings } from '../settings.ts';
import { detectPing, type PingDialect, SYSTEM_PING_REMEDIES } from '../system-ping/dialect.ts';
import { whatPreventsPing } from '../system-ping/loopback-trial.ts';
import { ProcessTurns } from '../system-ping/process-turns.ts';
import { type SystemPingProgress, sweepBlockBySystemPing } from '../system-ping/sweep-block.ts';
import type {
  BlockEngine,
  EngineKind,
  EngineRequest,
  OpenedEngine,
  PlannedBlock,
} from './block-engine.ts';
import { SystemNeighbours, untilChecked } from './system-neighbours.ts';

/** Processes of a kilobyte or two each; more would cost more in starting than they save in waiting. */
const MAX_PROCESSES = 128;
const STOP_POLL_MS = 50;
/** Between two looks at the system's neighbour table, while it is checked. */
const LOOK_EVERY_MS = 250;
/** The same, while hosts become final: rows that are wanted at once wait for it. */
const READ_EVERY_MS = 50;

/** The engine `system`. */
export const SYSTEM_PING: EngineKind = {
  open: (request, reason) => SystemPingEngine.open(request, reason),
  remedies: SYSTEM_PING_REMEDIES,
};

class SystemPingEngine implements BlockEngine {
  /** While a block waits for its silent hosts, the next ones are probed; all share the processes. */
  readonly window = 8;
  private readonly dialect: PingDialect;
  private readonly settings: SweepSettings;
  private readonly ownAddresses: ReadonlySet<string>;
  private readonly shared: SharedState;
  private readonly turns: ProcessTurns;
  private readonly stopper = new AbortController();
  private readonly poll: NodeJS.Timeout;

  private constructor(dialect: PingDialect, settings: SweepSettings, shared: SharedState) {
    this.dialect = dialect;
    this.settings = settings;
    this.ownAddresses = new Set(ownAddresses().map(({ text }) => text));
    this.shared = shared;
    this.turns = new ProcessTurns(MAX_PROCESSES, settings.ratePps, this.stopper.signal);
    // Each process listens to it.
    setMaxListeners(0, this.stopper.signal);
    let dueMs = performance.now() + STOP_POLL_MS;
    this.poll = setInterval(() => {
      shared.noteDelay((performance.now() - dueMs) * 1e6);
      dueMs = performance.now() + STOP_POLL_MS;
      if (shared.stopped) this.stopper.abort();
    }, STOP_POLL_MS);
  }

  /** As `EngineKind.open`. */
  static async open({ settings, families }: EngineRequest, reason: string): Promise<OpenedEngine> {
    const dialect = await detectPing();
    if (dialect === undefined) {
      throw new EchosweepError(
        'NO_ENGINE',
        'there is no `ping` here that can be started',
        'install one, such as the package iputils-ping',
      );
    }
    const problem = await whatPreventsPing(dialect, settings);
    if (problem !== undefined) {
      throw new EchosweepError(
        'NO_ENGINE',
        problem,
        'see `echosweep doctor`, or leave out options that this ping may not know',
      );
    }
    refuseUnknown(dialect, settings, families);
    return {
      engine: 'system',
      reason,
      clock: 'ping',
      workers: 1,
      canSearch: false,
      canProbeZones: true,
      canGoOn: false,
      links: [],
      start: async (_memory, shared) => new SystemPingEngine(dialect, settings, shared),
      close: async () => {},
    };
  }

  async probe(block: PlannedBlock, onFinal?: OnFinalHosts): Promise<BlockResults | undefined> {
    if (this.shared.stopped) return undefined;
    const { targets, isCanary = false } = block;
    const tables =
      block.reach === 'system'
        ? await (await loadHostNetwork()).loadLinkTables().catch(() => undefined)
        : undefined;
    const interfaceIndex = block.interfaceIndex ?? 0;
    const neighbours = tables && new SystemNeighbours(targets, interfaceIndex, tables);
    const settings = isCanary ? { ...this.settings, count: 1, retries: 0 } : this.settings;
    const order = new SendOrder(targets.count, mix32(settings.seed ^ targets.firsts.at(-1)!));
    const { signal } = this.stopper;
    const results = await sweepBlockBySystemPing({
      targets,
      dialect: this.dialect,
      settings,
      hostAt: (position) => (settings.order === 'random' ? order.at(position) : position),
      ownAddresses: this.ownAddresses,
      turns: this.turns,
      isUrgent: isCanary,
      signal,
      onProgress: (progress) => this.count(progress),
      liveCells: block.liveCells,
      onFinal: neighbours?.taking(onFinal, () => pause(READ_EVERY_MS, signal)) ?? onFinal,
    });
    if (tables === undefined || neighbours === undefined) return results;
    await untilChecked(results, interfaceIndex, tables, () => this.pauseLooking());
    return neighbours.complete(results);
  }

  /** @returns whether the sweep goes on */
  private async pauseLooking(): Promise<boolean> {
    const { signal } = this.stopper;
    await pause(LOOK_EVERY_MS, signal);
    return !signal.aborted;
  }

  async close(): Promise<void> {
    clearInterval(this.poll);
    this.stopper.abort();
  }

  private count(progress: SystemPingProgress): void {
    for (const counter of [
      'sent',
      'received',
      'duplicates',
      'errors',
      'hostsDone',
      'hostsUp',
    ] as const) {
      this.shared.add(counter, progress[counter]);
    }
  }
}

function refuseUnknown(
  { name, cannot }: PingDialect,
  settings: SweepSettings,
  families: readonly Family[],
): void {
  const hasTos = settings.tos !== undefined;
  const hasInterface = settings.interface !== undefined;
  const hasSource = families.some((family) => settings[`source${family}`] !== undefined);
  const asked: Readonly<Record<string, boolean>> = {
    '--tos': hasTos,
    '--tos with IPv6': hasTos && families.includes(6),
    '--dont-fragment': settings.dontFragment,
    '--dont-fragment with IPv6': settings.dontFragment && families.includes(6),
    '--interface': hasInterface,
    '--source with --interface': hasSource && hasInterface,
  };
  const option = cannot.find((flag) => asked[flag] === true);
  if (option === undefined) return;
  throw new EchosweepError(
    'OPTION_INVALID',
    `${option}: this system's ping (${name}) cannot do this`,
    'leave it out, or use another --engine',
  );
}
