/** Chooses and opens an engine: the one place that knows them all. Each is loaded when it is tried. */

import { platform } from 'node:os';
import { EchosweepError } from '../errors.ts';
import { ENGINES, type Engine } from '../options.ts';
import type { SocketKind } from '../transport/handles.ts';
import type { EngineKind, EngineRequest, OpenedEngine } from './block-engine.ts';

const KINDS: Readonly<Record<Engine, () => Promise<EngineKind>>> = {
  raw: () => loadWorkerEngine('raw'),
  dgram: () => loadWorkerEngine('dgram'),
  icmp: () => loadWorkerEngine('icmp'),
  'raw-socket': async () => (await import('./raw-socket-engine.ts')).RAW_SOCKET,
  system: async () => (await import('./system-ping-engine.ts')).SYSTEM_PING,
};

async function loadWorkerEngine(kind: SocketKind): Promise<EngineKind> {
  return (await import('./worker-engine.ts')).workerEngine(kind);
}

/**
 * Opens the engine of the settings, or with `auto` the best that works here.
 * @throws EchosweepError `NO_ENGINE` if none does, `OPTION_INVALID` if the engine cannot do what an option needs
 */
export async function openEngine(request: EngineRequest): Promise<OpenedEngine> {
  const { engine } = request.settings;
  if (engine !== 'auto') return (await KINDS[engine]()).open(request, 'requested');
  const refusals: string[] = [];
  let lack: EchosweepError | undefined;
  for (const candidate of ENGINES) {
    try {
      const reason =
        refusals.length === 0
          ? 'the best there is'
          : `best that works here: ${refusals.join('; ')}`;
      return await (await KINDS[candidate]()).open(request, reason);
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      // An option that the package lacks, `ping` may have.
      if (candidate === 'raw-socket' && error.code === 'OPTION_INVALID') lack = error;
      else if (error.code !== 'NO_ENGINE') throw error;
      refusals.push(`${candidate}: ${error.problem}`);
    }
  }
  if (lack !== undefined) throw lack;
  throw new EchosweepError(
    'NO_ENGINE',
    'no engine works here',
    '`echosweep doctor` shows what would allow one',
  );
}

/** Lines any one of which may make an engine work that does not. */
export async function remediesFor(
  engine: Engine,
  system: NodeJS.Platform = platform(),
): Promise<readonly string[]> {
  return (await KINDS[engine]()).remedies[system] ?? [];
}
