/** Chooses and opens an engine: the one place that knows them all. */

import { platform } from 'node:os';
import { EchosweepError } from '../errors.ts';
import { ENGINES, type Engine } from '../options.ts';
import type { EngineKind, EngineRequest, OpenedEngine } from './block-engine.ts';
import { RAW_SOCKET } from './raw-socket-engine.ts';
import { SYSTEM_PING } from './system-ping-engine.ts';
import { workerEngine } from './worker-engine.ts';

const KINDS: Readonly<Record<Engine, EngineKind>> = {
  raw: workerEngine('raw'),
  dgram: workerEngine('dgram'),
  icmp: workerEngine('icmp'),
  'raw-socket': RAW_SOCKET,
  system: SYSTEM_PING,
};

/**
 * Opens the engine of the settings, or with `auto` the best that works here.
 * @throws EchosweepError `NO_ENGINE` if none does, `OPTION_INVALID` if the engine cannot do what an option needs
 */
export async function openEngine(request: EngineRequest): Promise<OpenedEngine> {
  const { engine } = request.settings;
  if (engine !== 'auto') return KINDS[engine].open(request, 'requested');
  const refusals: string[] = [];
  for (const candidate of ENGINES) {
    try {
      const reason =
        refusals.length === 0
          ? 'the best there is'
          : `best that works here: ${refusals.join('; ')}`;
      return await KINDS[candidate].open(request, reason);
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

/** Lines any one of which may make an engine work that does not. */
export function remediesFor(
  engine: Engine,
  system: NodeJS.Platform = platform(),
): readonly string[] {
  return KINDS[engine].remedies[system] ?? [];
}
