/** Two sites with the same addresses and different hosts, whose parts a test kills: a sweep of both, and whether its report is right. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TargetSet } from '../../src/targets/target-set.ts';
import { parseCsv } from './csv.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { type Finished, type Running, startEchosweep } from './run.ts';
import { SiteLab } from './site-lab.ts';
import { SiteWatch } from './site-watch.ts';

/** What the sites are asked for: 2048 hosts each, in chunks of 256. */
const FIRST = 0x0ac80000;
const HOSTS = 2048;
const TARGETS = '10.200.0.0/21';
const FACTS = { leaseMs: 2000, chunkHosts: 256 };
const SWEEP = [TARGETS, '--include-edges', '-r', '1', '-t', '300'];
/** Takes about a second. */
const FAST = ['--rate', '2000'];
/** Takes about eight seconds, in which every agent says several times what it does. */
export const SLOW = ['--rate', '250'];
/** Longer than any sweep takes on the slowest machine. */
const DEADLINE_MS = 150_000;

/** Whether the host with this number is up there: all of Berlin's are, and half of those of Paris. */
const IS_UP: Readonly<Record<string, (host: number) => boolean>> = {
  berlin: () => true,
  paris: (host) => host < HOSTS / 2,
};
/** Berlin has two networks, which are cut off one by one. */
const NETWORKS = [
  { name: 'berlin' },
  { name: 'berlin-2' },
  { name: 'paris', silent: '10.200.4.0/22' },
] as const;

export class SiteFailures {
  readonly lab: SiteLab;
  readonly watch: SiteWatch;
  readonly report: string;

  private constructor(lab: SiteLab, watch: SiteWatch) {
    this.lab = lab;
    this.watch = watch;
    this.report = join(lab.folder, 'report.csv');
  }

  static async open(): Promise<SiteFailures> {
    const lab = await SiteLab.open(NETWORKS, { program: TRIED_SERVERS[0]!.program!.path });
    lab.tune(FACTS);
    return new SiteFailures(lab, await SiteWatch.open(lab.hub));
  }

  /** Starts a sweep of both sites, and waits until it is in the journal. */
  async sweep(args: readonly string[] = FAST, watch = this.watch): Promise<Running> {
    const before = watch.scan?.id;
    const sites = ['--sites', 'berlin,paris', '--hub', watch.folder, '-o', this.report];
    const running = startEchosweep([...SWEEP, ...sites, ...args], { deadlineMs: DEADLINE_MS });
    await watch.newScan(before);
    return running;
  }

  /** Goes on with a scan. */
  resume(id: string): Running {
    const args = ['scans', 'resume', id, '--hub', this.lab.hub, '-o', this.report];
    return startEchosweep(args, { deadlineMs: DEADLINE_MS });
  }

  /** The sweep ends well, and each address of these sites has one row, which says what is there. */
  async assertWhole(
    running: Running,
    sites: readonly string[] = ['berlin', 'paris'],
  ): Promise<Finished> {
    const finished = await running.finished;
    assertSwept(finished);
    this.assertRows(sites);
    return finished;
  }

  assertRows(sites: readonly string[]): void {
    assert.deepEqual(rowsOf(this.report), sites.flatMap(truthOf));
  }

  async close(): Promise<void> {
    await this.watch.close();
    await this.lab.close();
  }
}

/** It swept. Agents on a machine that is overloaded may be in doubt about what they saw; the rows show whether it is right. */
export function assertSwept({ code, stderr }: Finished): void {
  assert.ok(code === 0 || code === 5, `exit code ${code}: ${stderr}`);
}

/** The targets of a sweep that is not started by a command. */
export function sweptTargets(): TargetSet {
  const first = BigInt(FIRST);
  return {
    ranges: [{ family: 4, zone: '', first, last: first + BigInt(HOSTS - 1) }],
    count: HOSTS,
    ...{ hostnames: new Map(), excluded: [], unresolved: [], notes: [] },
  };
}

/** Site, address and status of each row of a report. */
export function rowsOf(report: string): string[] {
  return parseCsv(readFileSync(report, 'utf8')).map(
    ({ site, address, status }) => `${site} ${address} ${status}`,
  );
}

/** The rows that a report of this site has. */
export function truthOf(site: string): string[] {
  return Array.from({ length: HOSTS }, (_, host) => {
    const value = FIRST + host;
    const address = [24, 16, 8, 0].map((shift) => (value >>> shift) & 255).join('.');
    return `${site} ${address} ${IS_UP[site]!(host) ? 'up' : 'down'}`;
  });
}
