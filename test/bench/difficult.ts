/** Live hosts found over networks that police pings, lose packets or are interrupted, by echosweep and its peers. */

import { spawn, spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  beginTrouble,
  isLocalHost,
  LOCAL_RANGE,
  LOCAL_TROUBLES,
  type LocalTrouble,
} from './difficult-links.ts';
import type { Observation } from './figures.ts';
import { compareWithTruth, countLive, type Found } from './found-hosts.ts';
import { type Job, PROGRAMS, type Program, type ProgramName } from './programs.ts';
import { type Range, rangeOf } from './range.ts';

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

/**
 * Least number of live hosts found in the runs, and most hosts found that do not exist; `doubt` if echosweep said in each
 * run that was wrong that it may be.
 */
export async function observeDifficult(folder: string, isSmoke: boolean): Promise<Observation> {
  const rows: string[][] = [];
  let missing = 0;
  const add = async (network: string, live: number, run: RunOnce): Promise<void> => {
    const worst = {} as Record<(typeof ENTRANTS)[number], Worst>;
    for (const name of ENTRANTS) worst[name] = await worstOf(name, live, run);
    const { echosweep, fping, nmap } = worst;
    if (!echosweep.isDoubtful && echosweep.found < Math.max(fping.found, nmap.found)) missing++;
    rows.push([network, `${live}`, ...ENTRANTS.map((name) => inWords(worst[name]))]);
    process.stderr.write(`${rows.at(-1)!.join(' | ')}\n`);
  };
  for (const { live, silentFrom } of isSmoke ? [] : DENSITIES) {
    for (const trouble of TROUBLES)
      await add(trouble.name, live, (name) => runThroughRouter(name, trouble, silentFrom, folder));
  }
  for (const trouble of isSmoke ? [] : LOCAL_TROUBLES) {
    const live = countLive(LOCAL_RANGE, isLocalHost);
    await add(trouble.name, live, (name) => runOnLink(name, trouble, folder));
  }
  return {
    kind: 'observation',
    columns: ['network', 'live', ...ENTRANTS],
    rows,
    values: { missing },
  };
}

type RunOnce = (name: (typeof ENTRANTS)[number]) => Promise<Found & { readonly code: number }>;

interface Worst {
  readonly found: number;
  readonly invented: number;
  /** Whether some runs were wrong, and each of these said so. */
  readonly isDoubtful: boolean;
}

async function worstOf(
  name: (typeof ENTRANTS)[number],
  live: number,
  run: RunOnce,
): Promise<Worst> {
  const runs: Awaited<ReturnType<RunOnce>>[] = [];
  for (let i = 0; i < RUNS; i++) runs.push(await run(name));
  const wrong = runs.filter(({ missed, invented }) => missed + invented > 0);
  return {
    found: live - Math.max(...runs.map(({ missed }) => missed)),
    invented: Math.max(...runs.map(({ invented }) => invented)),
    isDoubtful:
      name === 'echosweep' && wrong.length > 0 && wrong.every(({ code }) => code === DOUBT_EXIT),
  };
}

function inWords({ found, invented, isDoubtful }: Worst): string {
  const surplus = invented === 0 ? '' : ` and ${invented} that do not exist`;
  return `${found}${surplus}${isDoubtful ? ', doubt' : ''}`;
}

async function runThroughRouter(
  name: (typeof ENTRANTS)[number],
  { rule, outage }: Trouble,
  silentFrom: number,
  folder: string,
): Promise<Found & { code: number }> {
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
  const isLive = (address: number): boolean => {
    const last = address % 256;
    return last > 0 && last < silentFrom;
  };
  const found = await runProgram(name, RANGE, 'router', isLive, folder, async (hasEnded) => {
    if (outage !== undefined) await interrupt(outage, rule, hasEnded);
  });
  nft('delete table ip trouble');
  return found;
}

async function runOnLink(
  name: (typeof ENTRANTS)[number],
  trouble: LocalTrouble,
  folder: string,
): Promise<Found & { code: number }> {
  const end = beginTrouble(trouble);
  const found = await runProgram(name, LOCAL_RANGE, 'lan', isLocalHost, folder);
  end();
  return found;
}

async function runProgram(
  name: (typeof ENTRANTS)[number],
  range: Range,
  over: Job['over'],
  isLive: (address: number) => boolean,
  folder: string,
  meddle: (hasEnded: () => boolean) => Promise<void> = async () => {},
): Promise<Found & { code: number }> {
  const program: Program = PROGRAMS[name];
  const reportFile = join(folder, `difficult-${name}.csv`);
  const [file, ...args] = program.command({ range, pace: 'defaults', over, reportFile })!;
  const output = openSync(program.writesTo === 'file' ? '/dev/null' : reportFile, 'w');
  const child = spawn(file!, args, { stdio: ['ignore', output, 'ignore'] });
  closeSync(output);
  const ended = new Promise<number>((resolve) => child.on('close', (code) => resolve(code ?? -1)));
  await meddle(() => child.exitCode !== null);
  const code = await ended;
  return { ...(await compareWithTruth(reportFile, program, range, isLive))!, code };
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
