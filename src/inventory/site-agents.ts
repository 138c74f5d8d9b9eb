/** What the agents of sites said about themselves last, kept for whatever shows an inventory. */

import { MS_A_DAY, MS_A_MINUTE } from '../durations.ts';
import type { SqlRow } from './database.ts';
import type { Store } from './store.ts';

/** An agent, as it was heard of last. */
export interface AgentFacts {
  readonly site: string;
  readonly agent: string;
  /** Of echosweep. */
  readonly version: string;
  readonly heardAt: Date;
  /** Its clock minus ours when it was heard of. */
  readonly clockOffsetMs: number;
  /** Chunks that it sweeps. */
  readonly chunks: number;
  /** Results that wait to be sent. */
  readonly unsent: number;
  /** What it cannot do; null if there is nothing. */
  readonly problem: string | null;
}

/** What a process heard that listens to the agents of a hub. */
export interface Hearing {
  readonly agents: readonly AgentFacts[];
  /** From when until when it listened without a break; undefined while there is no connection to the hub. */
  readonly listened: { readonly from: Date; readonly until: Date } | undefined;
}

/** An agent, and how it is. */
export interface AgentHealth extends AgentFacts {
  /** Whether it was not heard of although a process listened. */
  readonly isSilent: boolean;
  /** What is wrong with it, a sentence each without a full stop. */
  readonly doubts: readonly string[];
}

/** A site of the configuration, and how it is. */
export interface SiteStatus {
  readonly site: string;
  /** When any of its agents was heard of last; null for never. */
  readonly heardAt: Date | null;
  /** Whether none of its agents was heard of although a process listened. */
  readonly isSilent: boolean;
  /** By name. */
  readonly agents: readonly AgentHealth[];
}

/** Agents report every few seconds: one that does not for so long is silent. */
export const SILENT_MS = MS_A_MINUTE;
/** An agent that has been silent for so long while others of its site were heard of was removed, or has another name now. */
const REMOVED_MS = 7 * MS_A_DAY;
/** Clocks that differ by more are worth a doubt: times of results are the agent's. */
export const MOST_CLOCK_OFFSET_MS = 2_000;

/** Keeps what was heard, inside a transaction of the caller. */
export function keepHearing(store: Store, { agents, listened }: Hearing): void {
  if (listened !== undefined) forgetTimesAhead(store, listened);
  const { database } = store;
  const write = database.prepare(
    `INSERT INTO site_agents (site, agent, version, heard_at, clock_offset_ms, chunks, unsent, problem)
     VALUES (?, ?, ?, ?, ?, ?, ?, ?)
     ON CONFLICT (site, agent) DO UPDATE SET version = excluded.version, heard_at = excluded.heard_at,
       clock_offset_ms = excluded.clock_offset_ms, chunks = excluded.chunks, unsent = excluded.unsent,
       problem = excluded.problem
     WHERE excluded.heard_at >= heard_at`,
  );
  for (const each of agents) {
    const { site, agent, version, heardAt, clockOffsetMs, chunks, unsent, problem } = each;
    const at = heardAt.getTime();
    write.run(site, agent, version, at, Math.round(clockOffsetMs), chunks, unsent, problem);
  }
  // A process that has just begun to listen cannot know which are silent.
  if (listened === undefined || listened.until.getTime() - listened.from.getTime() < SILENT_MS) {
    return;
  }
  database
    .prepare(
      `INSERT INTO agent_listening (id, until) VALUES (1, ?)
       ON CONFLICT (id) DO UPDATE SET until = max(until, excluded.until)`,
    )
    .run(listened.until.getTime());
}

/**
 * Replaces what was kept while the clock was ahead: it would hide silence until the clock shows that time again.
 * As far as is known, such an agent was heard of last when the present listening began.
 */
function forgetTimesAhead(
  { database }: Store,
  { from, until }: NonNullable<Hearing['listened']>,
): void {
  // Another process may have kept what it heard a moment later.
  const latestMs = until.getTime() + SILENT_MS;
  database
    .prepare('UPDATE site_agents SET heard_at = ? WHERE heard_at > ?')
    .run(from.getTime(), latestMs);
  database.prepare('DELETE FROM agent_listening WHERE until > ?').run(latestMs);
}

/** The sites in their order, whether anything was heard of them or not. @throws EchosweepError INVENTORY_FAILED */
export function siteStatuses(
  { database }: Store,
  sites: readonly { readonly name: string }[],
): SiteStatus[] {
  if (sites.length === 0) return [];
  const untilMs = database.prepare('SELECT until FROM agent_listening').get()?.['until'];
  const isSilentAt = (heardMs: number): boolean =>
    untilMs !== undefined && Number(untilMs) - heardMs >= SILENT_MS;
  const rows = database.prepare('SELECT * FROM site_agents WHERE site = ? ORDER BY agent');
  return sites.map(({ name }) => {
    const known = rows.all(name).map((row) => healthOf(row, isSilentAt));
    const heardMs = Math.max(...known.map(({ heardAt }) => heardAt.getTime()));
    const agents = known.filter(({ heardAt }) => heardMs - heardAt.getTime() < REMOVED_MS);
    return {
      site: name,
      heardAt: agents.length === 0 ? null : new Date(heardMs),
      isSilent: isSilentAt(heardMs),
      agents,
    };
  });
}

/** `berlin is not heard of since 2026-01-01T00:00:00.000Z`; undefined if it is heard of. */
export function silenceOf({ site, isSilent, heardAt }: SiteStatus): string | undefined {
  if (!isSilent) return undefined;
  return heardAt === null
    ? `${site} was never heard of`
    : `${site} is not heard of since ${heardAt.toISOString()}`;
}

function healthOf(row: SqlRow, isSilentAt: (heardMs: number) => boolean): AgentHealth {
  const heardMs = Number(row['heard_at']);
  const clockOffsetMs = Number(row['clock_offset_ms']);
  const problem = row['problem'] as string | null;
  const isSilent = isSilentAt(heardMs);
  const doubts = isSilent ? [`not heard of since ${new Date(heardMs).toISOString()}`] : [];
  if (Math.abs(clockOffsetMs) > MOST_CLOCK_OFFSET_MS) {
    const seconds = (Math.abs(clockOffsetMs) / 1000).toFixed(1);
    doubts.push(`its clock is ${seconds} s ${clockOffsetMs > 0 ? 'ahead of' : 'behind'} ours`);
  }
  if (problem !== null) doubts.push(problem);
  return {
    site: String(row['site']),
    agent: String(row['agent']),
    version: String(row['version']),
    heardAt: new Date(heardMs),
    clockOffsetMs,
    chunks: Number(row['chunks']),
    unsent: Number(row['unsent']),
    problem,
    isSilent,
    doubts,
  };
}
