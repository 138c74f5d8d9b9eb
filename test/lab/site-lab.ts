/** Sites in the lab that know only the hub: each is a network of its own with the same private addresses, and its own truth. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { HUB_FILE } from '../../src/sites/hub-file.ts';
import { LAB_NODE, LAB_PACKAGE } from './ordinary-user.ts';
import {
  echosweep,
  type Finished,
  freshFolder,
  type Running,
  type RunOptions,
  start,
  startEchosweep,
  until,
} from './run.ts';

const MAIN = `${LAB_PACKAGE}/dist/src/bin/echosweep.cjs`;
/** What is alive at every site, unless the site drops it. */
const ALIVE = '10.200.0.0/15';
const ALIVE6 = 'fd00:200::/64';
/** Far more than a start takes, also on a busy machine. */
const STARTED_WITHIN_MS = 60_000;

export interface LabSite {
  /** Of its network; usually of the site as well. */
  readonly name: string;
  /** Part of 10.200.0.0/15 whose hosts are silent at this site, as a subnet. */
  readonly silent?: string;
  /** Part of fd00:200::/64 whose hosts are silent at this site, as a subnet. */
  readonly silent6?: string;
}

/** An agent under way. */
export interface LabAgent extends Running {
  /** All that it has written to standard error so far. */
  readonly log: () => string;
}

/** A hub that runs in the lab's client, and sites around it. */
export class SiteLab {
  readonly folder: string;
  readonly hub: string;
  readonly #sites: readonly LabSite[];
  readonly #port: number;
  readonly #program: string | undefined;
  readonly #running: Running[] = [];
  #hubRun: Running | undefined;

  private constructor(sites: readonly LabSite[], port: number, program: string | undefined) {
    this.folder = freshFolder();
    this.hub = join(this.folder, 'hub');
    this.#sites = sites;
    this.#port = port;
    this.#program = program;
  }

  /** Builds the sites, sets the hub up and starts it. @param program the nats-server to use */
  static async open(
    sites: readonly LabSite[],
    { port = 4222, program }: { port?: number; program?: string } = {},
  ): Promise<SiteLab> {
    const lab = new SiteLab(sites, port, program);
    for (let i = 0; i < sites.length; i++) buildSite(i, sites[i]!);
    const names = sites.map((_, i) => hubAddress(i));
    await lab.run(['hub', 'init', ...names, '--listen', `0.0.0.0:${port}`, '--folder', lab.hub]);
    await lab.startHub();
    return lab;
  }

  /** Runs a command of ours to its successful end. */
  async run(args: readonly string[], options?: RunOptions): Promise<Finished> {
    const done = await echosweep(args, options);
    assert.equal(done.code, 0, `${args.join(' ')}: ${done.stderr}`);
    return done;
  }

  /** Starts the hub, and waits until it listens. */
  async startHub(): Promise<Running> {
    const program = this.#program === undefined ? [] : ['--nats-server', this.#program];
    const running = startEchosweep(['hub', 'run', '--folder', this.hub, ...program], {
      deadlineMs: 600_000,
    });
    let log = '';
    running.process.stderr?.on('data', (text: string) => {
      log += text;
    });
    await until(
      'the hub listens',
      () => {
        assert.equal(running.process.exitCode, null, log);
        return log.includes('the hub listens');
      },
      STARTED_WITHIN_MS,
    );
    this.#hubRun = running;
    return running;
  }

  /** The hub that was started last. */
  get hubRun(): Running {
    return this.#hubRun!;
  }

  /** The process of its nats-server, which the server wrote down itself; 0 before it has. */
  get serverPid(): number {
    const path = join(this.hub, 'nats.pid');
    return existsSync(path) ? Number(readFileSync(path, 'utf8')) : 0;
  }

  /** Gives hub and coordinators other facts than the usual ones, such as a short lease. */
  tune(facts: { readonly leaseMs?: number; readonly chunkHosts?: number }): void {
    const path = join(this.hub, HUB_FILE);
    const file = JSON.parse(readFileSync(path, 'utf8')) as object;
    writeFileSync(path, JSON.stringify({ ...file, ...facts }));
  }

  /** Lets an agent in. @param network that it is in @returns its join file */
  async add(site: string, agent: string, network = site): Promise<string> {
    const { stdout } = await this.run(['hub', 'add', `${site}/${agent}`, '--folder', this.hub]);
    const path = this.joinFileOf(site, agent);
    // Each site reaches the hub by an address of its own; the others would only cost time.
    const address = hubAddress(this.#sites.findIndex(({ name }) => name === network));
    const file = JSON.parse(stdout) as object;
    const own = { ...file, urls: [`tls://${address}:${this.#port}`] };
    writeFileSync(path, JSON.stringify(own), { mode: 0o600 });
    return path;
  }

  /** Where the join file of an agent is, once it was let in. */
  joinFileOf(site: string, agent: string): string {
    return join(this.folder, `${site}-${agent}.join`);
  }

  /** Starts an agent at its site, and waits until it is connected. @param network that it is in */
  async startAgent(
    site: string,
    agent: string,
    args: readonly string[] = [],
    network = site,
  ): Promise<LabAgent> {
    const path = this.joinFileOf(site, agent);
    if (!existsSync(path)) await this.add(site, agent, network);
    const running = this.startWith(path, network, args);
    await until(
      `${site}/${agent} is connected`,
      () => {
        assert.equal(running.process.exitCode, null, running.log());
        return running.log().includes('connected to the hub');
      },
      STARTED_WITHIN_MS,
    );
    return running;
  }

  /** Starts an agent with a join file, in a network. */
  startWith(joinFile: string, network: string, args: readonly string[] = []): LabAgent {
    const running = this.startAt(network, ['agent', '--join', joinFile, ...args]);
    let log = '';
    running.process.stderr?.on('data', (text: string) => {
      log += text;
    });
    return { ...running, log: () => log };
  }

  /** Starts a command of ours in the network of a site. */
  startAt(site: string, args: readonly string[]): Running {
    const running = start(['nsenter', `--net=/run/netns/${site}`, LAB_NODE, MAIN, ...args], {
      deadlineMs: 600_000,
    });
    this.#running.push(running);
    return running;
  }

  /** Cuts a site off from the hub, or connects it again. */
  setLink(site: string, state: 'up' | 'down'): void {
    const i = this.#sites.findIndex(({ name }) => name === site);
    must(`ip link set ${linkName(i)} ${state}`);
  }

  /** Ends everything, also what a test has killed already. */
  async close(): Promise<void> {
    for (const { process } of this.#running) process.kill('SIGKILL');
    await Promise.all(this.#running.map(({ finished }) => finished));
    this.hubRun.process.kill('SIGTERM');
    await this.hubRun.finished;
    for (const { name } of this.#sites) must(`ip netns del ${name}`);
    for (let i = 0; i < this.#sites.length; i++) {
      spawnSync('ip', ['link', 'del', linkName(i)]);
    }
  }
}

function buildSite(i: number, { name, silent, silent6 }: LabSite): void {
  must(`ip netns add ${name}
    ip -n ${name} link set lo up
    ip link add ${linkName(i)} type veth peer name wan netns ${name}
    ip addr add ${hubAddress(i)}/30 dev ${linkName(i)}
    ip link set ${linkName(i)} up
    ip -n ${name} addr add 10.254.${i}.2/30 dev wan
    ip -n ${name} link set wan up
    ip -n ${name} route add local ${ALIVE} dev lo
    ip -n ${name} -6 route add local ${ALIVE6} dev lo`);
  if (silent !== undefined) dropAt(name, 'ip', `icmp type echo-request ip daddr ${silent}`);
  if (silent6 !== undefined) dropAt(name, 'ip6', `icmpv6 type echo-request ip6 daddr ${silent6}`);
}

function dropAt(name: string, family: 'ip' | 'ip6', packets: string): void {
  must(`nsenter --net=/run/netns/${name} nft '
    table ${family} site { chain in { type filter hook input priority 0; ${packets} drop; }; }'`);
}

/** The lab's guard lets interfaces of this prefix be. */
function linkName(i: number): string {
  return `lab-site${i}`;
}

/** The hub's end of the only line of a site. */
export function hubAddress(i: number): string {
  return `10.254.${i}.1`;
}

function must(command: string): void {
  const done = spawnSync('sh', ['-ec', command], { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command}: ${done.stderr}`);
}
