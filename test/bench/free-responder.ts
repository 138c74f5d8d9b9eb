/** What sending costs if replies cost next to nothing: the CPU time of sweeps against a responder in the kernel's driver layer. */

import { join } from 'node:path';
import { median, type Observation } from './figures.ts';
import { type Cost, measure } from './measure.ts';
import { RESPONDER } from './network.ts';
import { FINE_IF_CROWDED, isOurs, type Job, PROGRAMS } from './programs.ts';
import { rangeOf } from './range.ts';
import { answerOn } from './xdp-responder.ts';

const RUNS = 3;
const DEADLINE_MS = 120_000;
const NAMES = ['echosweep', 'echosweep --send raw', 'bare loop'] as const;

export async function observeFreeResponder(folder: string, isSmoke: boolean): Promise<Observation> {
  const range = rangeOf(isSmoke ? RESPONDER.smokeRange : RESPONDER.range);
  const columns = ['Program', 'CPU seconds per million probes', 'User', 'System', 'Time'];
  if (!answerOn(RESPONDER.place, RESPONDER.peer)) {
    const row = ['the kernel does not let us load an XDP program here', '', '', '', ''];
    return { kind: 'observation', columns, rows: [row], values: {} };
  }
  const reportFile = join(folder, 'free-responder.csv');
  const job: Job = { range, pace: 'max', retries: 0, over: 'router', reportFile };
  const costs = new Map<string, Cost[]>(NAMES.map((name) => [name, []]));
  for (let run = 0; run < (isSmoke ? 1 : RUNS); run++) {
    for (const name of NAMES) {
      const command = PROGRAMS[name].command(job)!;
      const cost = await measure({
        command,
        outputFile: join(folder, 'free-responder.out'),
        deadlineMs: DEADLINE_MS,
        fineExitCodes: isSmoke ? FINE_IF_CROWDED : [],
      });
      if (cost.failure !== undefined) throw new Error(`${command.join(' ')} ${cost.failure}`);
      costs.get(name)!.push(cost);
    }
  }
  const values: Record<string, number> = {};
  const rows = [...costs].map(([name, all]) => {
    const perMillion = (of: (cost: Cost) => number): number =>
      (median(all.map(of)) / 1000) * (1e6 / range.hosts);
    const [user, system] = [perMillion(({ userMs }) => userMs), perMillion((c) => c.systemMs)];
    const cpu = perMillion(({ userMs, systemMs }) => userMs + systemMs);
    values[name] = cpu;
    const wallS = median(all.map(({ wallMs }) => wallMs)) / 1000;
    const label = isOurs(name) ? `**${name}**` : name;
    return [label, ...[cpu, user, system].map((each) => each.toFixed(2)), `${wallS.toFixed(2)} s`];
  });
  return { kind: 'observation', columns, rows, values };
}
