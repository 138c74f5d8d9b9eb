/** What is remembered of a host from sweep to sweep, and what a new sighting changes about it. */

import type { Reason, Status } from '../results/outcome.ts';

/** Every kind of change and what it means, in the order in which those of one host are reported. */
export const CHANGE_MEANINGS = {
  new: 'It answers and never did before.',
  gone: 'It no longer answers.',
  back: 'It answers again after it was gone.',
  flapping:
    'It keeps going and coming back: `after` counts how often it was gone. Later turns only raise the count, until it is `gone` or `back` for good. Only in an inventory.',
  moved:
    'It answers at another address of its network, by its MAC address: `before` is the old one. Only in an inventory.',
  'name-changed': 'Its name has changed.',
  'mac-changed': 'Its MAC address has changed.',
  conflict: 'Two MAC addresses answer for its address. Only in an inventory.',
  'reason-changed':
    'It answers, or does not, as before, but for another reason. Silence after an ICMP error does not count, and neither does the same error again, because routers limit their errors.',
  slower: 'Its replies take much longer than usual.',
} as const;
export type ChangeKind = keyof typeof CHANGE_MEANINGS;
export const CHANGE_KINDS = Object.keys(CHANGE_MEANINGS) as readonly ChangeKind[];

/** How much a change matters, from the least on. */
export const SEVERITIES = ['info', 'notice', 'alarm'] as const;
export type ChangeSeverity = (typeof SEVERITIES)[number];

/** How much each kind of change matters. */
export const CHANGE_SEVERITIES: Readonly<Record<ChangeKind, ChangeSeverity>> = {
  new: 'notice',
  gone: 'alarm',
  back: 'info',
  flapping: 'notice',
  moved: 'notice',
  'name-changed': 'notice',
  'mac-changed': 'notice',
  conflict: 'alarm',
  'reason-changed': 'info',
  slower: 'info',
};

/** What changed about one host. `before` and `after` are as in a report; '' if there is no such value. */
export interface Change {
  readonly kind: ChangeKind;
  readonly before: string;
  readonly after: string;
}

/** What one sweep says of one host. */
export interface Sighting {
  readonly hostname: string | null;
  readonly status: Status;
  readonly reason: Reason | null;
  /** The responder, if it is not the address itself: null if it is, undefined if it is not known. */
  readonly responder?: string | null | undefined;
  readonly rttAvgMs: number | null;
  readonly mac: string | null;
  /** MAC address of a second host that answers for the address; null if there is none, undefined if nothing is known. */
  readonly otherMac?: string | null | undefined;
}

/** Whether the address gave a sign of life: a reply, or an ICMP error that it sent itself. */
export function isPresent({ status, responder }: Sighting): boolean {
  return status === 'up' || (status === 'unreachable' && responder === null);
}

/**
 * `silent`: probed and never up. `up`: present. `missing`: was up, and has missed scans since, but too few to be called
 * gone. `gone`. `unasked`: no longer a target.
 */
export const HOST_STATES = ['silent', 'up', 'missing', 'gone', 'unasked'] as const;
export type HostState = (typeof HOST_STATES)[number];

export interface HostMemory {
  readonly state: HostState;
  /** Sweeps in a row without an answer; 0 for a host that is up or was never. */
  readonly misses: number;
  /** Of the latest sweep that said something about the host. */
  readonly status: Status;
  readonly reason: Reason | null;
  /** What an ICMP error said last of a host that is silent or gone; null if none has. */
  readonly knownError: Reason | null;
  /** The latest known. */
  readonly hostname: string | null;
  readonly mac: string | null;
  /** Of a second host that answers for the address; null if none is known. */
  readonly otherMac: string | null;
  /** What its replies usually take, milliseconds. */
  readonly usualRttMs: number | null;
  /** Whether it was slower than usual when it was last up. */
  readonly isSlow: boolean;
  /** How often it went or came back, each time soon after the time before; as `withFlapping` counts. */
  readonly turns: number;
  /** Scans since the latest of them; 0 if there was none. */
  readonly scansSinceTurn: number;
}

/** When a difference is a change. */
export interface ChangeRules {
  /** Sweeps in a row without an answer until a host is gone; from 1. */
  readonly missesUntilGone: number;
  /** A host is slower if its replies take this many times longer than usual, … */
  readonly slowerFactor: number;
  /** … and this much longer: microseconds on a LAN are not news. */
  readonly slowerByMs: number;
}

/** The rules for one host. @param goneAfter its own count of misses until it is gone; undefined without one */
export function rulesFor(rules: ChangeRules, goneAfter: number | undefined): ChangeRules {
  return goneAfter === undefined ? rules : { ...rules, missesUntilGone: goneAfter };
}

export interface Remembered {
  readonly memory: HostMemory;
  readonly changes: readonly Change[];
}

/** Share of the newest RTT in what is usual: as TCP smooths its own (RFC 6298 section 2). */
const NEWEST_SHARE = 1 / 8;

/**
 * The memory after a sighting, and the changes. A host that could not be probed (`error`) keeps its memory:
 * our own system's refusal says nothing about it.
 * @param memory undefined if nothing is known of the host yet
 */
export function remember(
  memory: HostMemory | undefined,
  sighting: Sighting,
  rules: ChangeRules,
): Remembered | undefined {
  if (sighting.status === 'error') return undefined;
  const isUp = isPresent(sighting);
  const misses = isUp || memory === undefined || memory.state === 'silent' ? 0 : memory.misses + 1;
  const state = nextState(memory, isUp, misses, rules);
  const usualRttMs = memory?.usualRttMs ?? null;
  const isSlow = isUp ? isSlower(usualRttMs, sighting.rttAvgMs, rules) : (memory?.isSlow ?? false);
  const next: HostMemory = {
    state,
    misses,
    status: sighting.status,
    reason: sighting.reason,
    knownError: nextError(memory, sighting, state),
    hostname: sighting.hostname ?? memory?.hostname ?? null,
    ...nextMacs(memory, sighting, state),
    usualRttMs: smoothed(usualRttMs, sighting.rttAvgMs),
    isSlow,
    turns: memory?.turns ?? 0,
    scansSinceTurn: memory?.scansSinceTurn ?? 0,
  };
  return { memory: next, changes: [...changesBetween(memory, next, sighting)] };
}

/** What is left of a host that a report was expected to have, and has not. */
export function forget(memory: HostMemory): Remembered {
  const next: HostMemory = { ...memory, state: 'gone', reason: null };
  const isNews = memory.state === 'up' || memory.state === 'missing';
  return { memory: next, changes: isNews ? [gone(memory, next)] : [] };
}

function nextState(
  memory: HostMemory | undefined,
  isUp: boolean,
  misses: number,
  rules: ChangeRules,
): HostState {
  if (isUp) return 'up';
  if (memory === undefined || memory.state === 'silent') return 'silent';
  return memory.state === 'gone' || misses >= rules.missesUntilGone ? 'gone' : 'missing';
}

function* changesBetween(
  memory: HostMemory | undefined,
  next: HostMemory,
  sighting: Sighting,
): Generator<Change> {
  const { state } = next;
  const wasState = memory?.state ?? 'silent';
  if (state === 'up' && wasState === 'silent') {
    yield { kind: 'new', before: memory?.reason ?? '', after: next.reason ?? '' };
  }
  if (next.otherMac !== null && isNewConflict(memory, next)) {
    yield { kind: 'conflict', before: next.mac!, after: next.otherMac };
  }
  if (memory === undefined) return;
  if (state === 'gone' && wasState !== 'gone') yield gone(memory, next);
  if (state === 'up' && wasState === 'gone') {
    yield { kind: 'back', before: memory.reason ?? '', after: next.reason ?? '' };
  }
  if (differ(memory.hostname, sighting.hostname)) {
    yield { kind: 'name-changed', before: memory.hostname!, after: sighting.hostname! };
  }
  if (differ(memory.mac, next.mac)) {
    yield { kind: 'mac-changed', before: memory.mac!, after: next.mac! };
  }
  const isStill = state === wasState && state !== 'missing';
  const reason = comparedReason(memory, next);
  if (isStill && differ(reason, next.reason)) {
    yield { kind: 'reason-changed', before: reason!, after: next.reason! };
  }
  if (next.isSlow && !memory.isSlow) {
    yield { kind: 'slower', before: milliseconds(memory), after: sighting.rttAvgMs!.toFixed(3) };
  }
}

/** Both mean that nothing has the address, as silence mostly does. */
const NOTHING_THERE: ReadonlySet<Reason | null> = new Set(['host-unreach', 'address-unreach']);

/**
 * What the reason of an address that is as before is compared with. Routers limit how many errors they send (RFC 1812
 * section 4.3.2.8, RFC 4443 section 2.4): which of the addresses behind them get one and which are silent is chance.
 */
function comparedReason(memory: HostMemory, next: HostMemory): Reason | null {
  if (next.state === 'up') return memory.reason;
  if (next.reason === 'no-response' && memory.status === 'unreachable') return next.reason;
  if (next.status !== 'unreachable') return memory.reason;
  const saysTheSame = memory.reason === 'no-response' && NOTHING_THERE.has(next.reason);
  return memory.knownError ?? (saysTheSame ? next.reason : memory.reason);
}

/** While a host is missing, what errors say is not reported. */
function nextError(
  memory: HostMemory | undefined,
  { status, reason }: Sighting,
  state: HostState,
): Reason | null {
  if (state === 'up' || state === 'missing') return null;
  return status === 'unreachable' ? reason : (memory?.knownError ?? null);
}

/** Whichever of two hosts answered first this time, the one that was known first stays first. */
function nextMacs(
  memory: HostMemory | undefined,
  sighting: Sighting,
  state: HostState,
): Pick<HostMemory, 'mac' | 'otherMac'> {
  const { mac, otherMac } = sighting;
  const before = memory ?? { mac: null, otherMac: null };
  if (mac === null) {
    return { mac: before.mac, otherMac: state === 'gone' ? null : before.otherMac };
  }
  if (otherMac === null) return { mac, otherMac };
  if (otherMac === undefined) {
    return { mac: mac === before.otherMac ? before.mac : mac, otherMac: before.otherMac };
  }
  return otherMac === before.mac ? { mac: otherMac, otherMac: mac } : { mac, otherMac };
}

function isNewConflict(memory: HostMemory | undefined, { mac, otherMac }: HostMemory): boolean {
  return memory?.otherMac !== otherMac || memory.mac !== mac;
}

function gone(memory: HostMemory, next: HostMemory): Change {
  const before = memory.state === 'up' ? (memory.reason ?? '') : 'echo-reply';
  return { kind: 'gone', before, after: next.reason ?? '' };
}

/** DNS names (RFC 4343) and MAC addresses are compared regardless of case; an unknown one does not differ. */
function differ(before: string | null, after: string | null): boolean {
  return before !== null && after !== null && before.toLowerCase() !== after.toLowerCase();
}

function isSlower(usualMs: number | null, rttMs: number | null, rules: ChangeRules): boolean {
  // With a factor of 1 and a difference of 0, an equal time would be slower.
  if (usualMs === null || rttMs === null || rttMs <= usualMs) return false;
  return rttMs >= usualMs * rules.slowerFactor && rttMs - usualMs >= rules.slowerByMs;
}

function smoothed(usualMs: number | null, rttMs: number | null): number | null {
  if (usualMs === null || rttMs === null) return rttMs ?? usualMs;
  return usualMs + (rttMs - usualMs) * NEWEST_SHARE;
}

function milliseconds({ usualRttMs }: HostMemory): string {
  return usualRttMs!.toFixed(3);
}
