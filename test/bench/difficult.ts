/** Live hosts found over networks that police pings, lose packets or are interrupted, by echosweep and its peers. */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Observation } from './figures.ts';
import { compareWithTruth } from './found-hosts.ts';
import { type Job, PROGRAMS, type Program, type ProgramName } from './programs.ts';
import { rangeOf } from './range.ts';

const RANGE = rangeOf('10.9.0.0/24');
const RUNS = 3;
const ENTRANTS = ['echosweep', 'fping', 'nmap'] as const satisfies readonly ProgramName[];
/** The sweep ran, but says that its result may be unreliable. */
const DOUBT_EXIT = 5;

/** What stands between the programs and the hosts. */
interface Trouble {
  readonly name: string;
  /** An nft rule for packets to the hosts. */
  readonly rule: string;
  /** If it does not last: when it begins, counted in packets that passed, and how long it lasts. */
  readonly outage?: { readonly afterPackets: number; readonly ms: number };
}

const DENSITIES = [
  { live: 254, silentFrom: 255 },
  { live: 100, silentFrom: 101 },
] as const;

const TROUBLES: readonly Trouble[] = [
  ...[50, 100, 200].map((pps) => ({
    name: `${pps} pings/s pass`,
    rule: `limit rate over ${pps}/second burst 20 packets drop`,
  })),
  ...[300, 500, 1000, 3000].flatMap((ms) =>
    [0, 100].map((afterPackets) => ({
      name: `out for ${ms / 1000} s, ${afterPackets === 0 ? 'from the start' : 'later'}`,
      rule: 'drop',
      outage: { afterPackets, ms },
    })),
  ),
  ...[5, 20, 40].map((percent) => ({
    name: `${percent} % lost`,
    rule: `numgen random mod 100 < ${percent} drop`,
  })),
];

/** Least number of live hosts found in the runs; `doubt` if echosweep said in each run that missed some that it may have. */
export async function observeDifficult(folder: string, isSmoke: boolean): Promise<Observation> {
  const rows: string[][] = [];
  let missing = 0;
  for (const { live, silentFrom } of isSmoke ? [] : DENSITIES) {
    for (const trouble of TROUBLES) {
      const found: Record<string, number> = {};
      const cells: string[] = [];
      for (const name of ENTRANTS) {
        let least = Number.POSITIVE_INFINITY;
        let silentMisses = 0;
        for (let run = 0; run < RUNS; run++) {
          const { up, code } = await runOnce(name, trouble, silentFrom, folder);
          least = Math.min(least, up);
          if (up < live && code !== DOUBT_EXIT) silentMisses++;
        }
        found[name] = least;
        const isDoubtful = name === 'echosweep' && least < live && silentMisses === 0;
        cells.push(isDoubtful ? `${least}, doubt` : `${least}`);
        if (name === 'echosweep' && !isDoubtful) found['sure'] = least;
      }
      const sure = found['sure'] ?? Number.POSITIVE_INFINITY;
      if (sure < Math.max(found['fping']!, found['nmap']!)) missing++;
      rows.push([trouble.name, `${live}`, ...cells]);
      process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
    }
  }
  return {
    kind: 'observation',
    columns: ['network', 'live', ...ENTRANTS],
    rows,
    values: { missing },
  };
}

async function runOnce(
  name: (typeof ENTRANTS)[number],
  { rule, outage }: Trouble,
  silentFrom: number,
  folder: string,
): Promise<{ up: number; code: number }> {
  const program: Program = PROGRAMS[name];
  const reportFile = join(folder, `difficult-${name}.csv`);
  const job: Job = { range: RANGE, pace: 'defaults', over: 'router', reportFile };
  const isAtOnce = outage === undefined || outage.afterPackets === 0;
  nft(`table ip trouble {
    counter seen {}
    chain bad {
      ${isAtOnce ? rule : ''}
    }
    chain pass {
      type filter hook forward priority 0
      ip daddr 10.9.0.${silentFrom}-10.9.0.255 drop
      ip daddr 10.9.0.0/24 ip protocol icmp counter name seen
      ip daddr 10.9.0.0/24 jump bad
    }
  }`);
  const [file, ...args] = program.command(job)!;
  const output = openSync(program.writesTo === 'file' ? '/dev/null' : reportFile, 'w');
  const child = spawn(file!, args, { stdio: ['ignore', output, 'ignore'] });
  closeSync(output);
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  if (outage !== undefined) await interrupt(outage, rule, () => child.exitCode !== null);
  const code = await ended;
  nft('delete table ip trouble');
  const isLive = (address: number): boolean => {
    const last = address % 256;
    return last > 0 && last < silentFrom;
  };
  const { missed } = (await compareWithTruth(reportFile, program, RANGE, isLive))!;
  return { up: silentFrom - 1 - missed, code };
}

async function interrupt(
  { afterPackets, ms }: NonNullable<Trouble['outage']>,
  rule: string,
  hasEnded: () => boolean,
): Promise<void> {
  while (packetsSeen() <= afterPackets && !hasEnded()) await sleep(2);
  if (afterPackets > 0) nft(`add rule ip trouble bad ${rule}`);
  await sleep(ms);
  nft('flush chain ip trouble bad');
}

function packetsSeen(): number {
  return Number(/packets (\d+)/.exec(nft('list counter ip trouble seen'))?.[1]);
}

/** Runs nft's words on the router between the client and the hosts. */
function nft(words: string): string {
  const inRouter = ['--net=/run/netns/r1', 'nft', '-f', '-'];
  const done = spawnSync('nsenter', inRouter, { input: `${words}\n`, encoding: 'utf8' });
  if (done.status !== 0) throw new Error(`nft: ${done.stderr}`);
  return done.stdout;
}
