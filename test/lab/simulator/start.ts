/** Puts a simulated network beside the lab's: for tests, for the benchmark, and to try a rule file by hand. */

import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { modulePath } from '../../root.ts';
import { SIMULATED } from './address-plan.ts';
import type { RuleFile } from './rules.ts';
import type { Truth } from './truth.ts';

const PROGRAM = modulePath('test/lab/simulator/simulator.ts');

export interface Simulation {
  /** Ends the network and tells what happened in it. @throws Error where it died, or has lost packets of its own */
  end(): Promise<Truth>;
}

/** To be called inside the lab's private network. @throws Error where the rules are wrong or it cannot be built */
export async function startSimulation(rules: RuleFile): Promise<Simulation> {
  buildLink();
  const folder = mkdtempSync(join(tmpdir(), 'simulation-'));
  const [rulesPath, truthPath] = [join(folder, 'rules.json'), join(folder, 'truth.json')];
  writeFileSync(rulesPath, JSON.stringify(rules));
  const inside = ['nsenter', `--net=/run/netns/${SIMULATED.place}`];
  const [file, ...args] = [...inside, process.execPath, PROGRAM, rulesPath, truthPath];
  const child = spawn(file!, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  await isReady(child);
  return {
    async end() {
      const ended = once(child, 'exit');
      child.stdin?.end();
      await ended;
      const text = existsSync(truthPath) ? readFileSync(truthPath, 'utf8') : undefined;
      rmSync(folder, { recursive: true, force: true });
      if (text === undefined) throw new Error('the simulator ended before its time');
      const truth = JSON.parse(text) as Truth;
      if (truth.ringDrops + truth.overflows > 0) {
        throw new Error(
          `the truth is void: the simulator lost ${truth.ringDrops} frames and ${truth.overflows} answers`,
        );
      }
      return truth;
    },
  };
}

async function isReady(child: ChildProcess): Promise<void> {
  const outcome = await Promise.race([
    once(child.stdout!, 'data').then(() => 'ready'),
    once(child, 'exit').then(([code]) => `exit code ${code}`),
  ]);
  if (outcome !== 'ready') throw new Error(`the simulator does not start: ${outcome}`);
}

/** The veth pair and its routes stay for the next simulation. */
function buildLink(): void {
  if (existsSync(`/run/netns/${SIMULATED.place}`)) return;
  const { interface: name, place, farInterface: far } = SIMULATED;
  run(undefined, [
    `netns add ${place}`,
    `link add ${name} address ${SIMULATED.clientMac} type veth peer name ${far} netns ${place}`,
    `link set ${name} addrgenmode none`,
    `link set ${name} up`,
    `addr add ${SIMULATED.client4}/16 dev ${name}`,
    `addr add ${SIMULATED.client6}/64 dev ${name} nodad`,
    `addr add fe80::1/64 dev ${name} nodad`,
    `route add ${SIMULATED.far4} via ${SIMULATED.gateway4}`,
    `route add ${SIMULATED.far6} via ${SIMULATED.gateway6}`,
  ]);
  // Nobody but the simulator itself answers on its end.
  run(place, [`link set ${far} addrgenmode none`, `link set ${far} arp off`, `link set ${far} up`]);
}

function run(place: string | undefined, commands: readonly string[]): void {
  const ip = ['ip', '-batch', '-'];
  const inside = place === undefined ? ip : ['nsenter', `--net=/run/netns/${place}`, ...ip];
  const [file, ...args] = inside;
  const done = spawnSync(file!, args, { input: commands.join('\n'), encoding: 'utf8' });
  if (done.status !== 0)
    throw new Error(`the simulated network cannot be built: ${done.error ?? done.stderr}`);
}
