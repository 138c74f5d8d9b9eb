/** What an agent says about the sweep of a chunk as a whole: what a run record has besides the rows. */

import { readAddress } from '../../address.ts';
import { ENGINES } from '../../options.ts';
import type { CanaryRecord, PacketCounts, RunRecord, TcpRecord } from '../../results/run-record.ts';
import {
  figureOf,
  LATEST_MS,
  listOf,
  MessageRefused,
  objectOf,
  orNull,
  textOf,
  type Unchecked,
  wholeOf,
  wordOf,
} from './message.ts';

/** The run record of one chunk, without what follows from its rows. */
export type ChunkRun = Pick<
  RunRecord,
  | 'version'
  | 'engine'
  | 'clock'
  | 'workers'
  | 'startedAt'
  | 'packets'
  | 'worstDelayMs'
  | 'canary'
  | 'tcp'
  | 'failure'
  | 'doubts'
  | 'notes'
> & { readonly endedAt: Date };

const CLOCKS = ['kernel', 'process', 'ping'] as const;
/** Sentences of one kind, and silences of a canary, that one chunk can have. */
const MOST_ENTRIES = 64;
const MOST_PORTS = 65_535;
/** More than any chunk takes, of packets as of milliseconds; the sums of all chunks stay exact. */
const MOST_COUNTED = 1e11;
/** With a zone, which may be an alternative name of an interface. */
const LONGEST_ADDRESS = 200;

const COUNTERS = [
  'sent',
  'received',
  'duplicates',
  'errors',
  'rejected',
  'late',
  'dropped',
  'doubtful',
  'neighbourRequests',
  'sendWaits',
  'sendWaitMs',
  'unsureSends',
  'clockSteps',
] as const satisfies readonly (keyof PacketCounts)[];

/** A run as JSON has it. */
type RunMessage = Omit<ChunkRun, 'startedAt' | 'endedAt'> & {
  readonly startedAtMs: number;
  readonly endedAtMs: number;
};

/** As JSON has it; times are milliseconds since 1970 UTC. */
export function messageOfRun(run: ChunkRun): Unchecked<keyof RunMessage> {
  const { version, engine, clock, workers, packets, worstDelayMs, tcp, failure } = run;
  const { canary, doubts, notes } = run;
  return {
    version,
    engine,
    clock,
    workers,
    startedAtMs: run.startedAt.getTime(),
    endedAtMs: run.endedAt.getTime(),
    packets,
    worstDelayMs,
    canary: canary && {
      ...canary,
      silences: canary.silences.slice(0, MOST_ENTRIES).map(({ from, to, ...counts }) => ({
        ...counts,
        fromMs: from.getTime(),
        toMs: to.getTime(),
      })),
    },
    tcp,
    failure: failure && shortened(failure),
    doubts: doubts.slice(0, MOST_ENTRIES).map(shortened),
    notes: notes.slice(0, MOST_ENTRIES).map(shortened),
  };
}

/** @throws MessageRefused */
export function runOfMessage(value: unknown): ChunkRun {
  const run = objectOf<keyof RunMessage>(value, 'run');
  return {
    version: textOf(run.version, 'version').slice(0, 64),
    engine: orNull(run.engine, (engine) => wordOf(engine, 'engine', ENGINES)),
    clock: wordOf(run.clock, 'clock', CLOCKS),
    workers: wholeOf(run.workers, 'workers', 0, 1024),
    startedAt: timeOf(run.startedAtMs, 'startedAtMs'),
    endedAt: timeOf(run.endedAtMs, 'endedAtMs'),
    packets: packetsOf(run.packets),
    worstDelayMs: figureOf(run.worstDelayMs, 'worstDelayMs', MOST_COUNTED),
    canary: orNull(run.canary, canaryOf),
    tcp: orNull(run.tcp, tcpOf),
    failure: orNull(run.failure, (failure) => textOf(failure, 'failure')),
    doubts: sentencesOf(run.doubts, 'doubts'),
    notes: sentencesOf(run.notes, 'notes'),
  };
}

/** Every counter at zero. */
export function noPackets(): PacketCounts {
  return Object.fromEntries(COUNTERS.map((counter) => [counter, 0])) as unknown as PacketCounts;
}

function packetsOf(value: unknown): PacketCounts {
  const packets = objectOf<keyof PacketCounts>(value, 'packets');
  const counters = COUNTERS.map((counter) => {
    const count = packets[counter];
    if (counter === 'dropped' && count === null) return [counter, null];
    // The only one that is a time.
    const read =
      counter === 'sendWaitMs' ? figureOf(count, counter, MOST_COUNTED) : countOf(count, counter);
    return [counter, read];
  });
  return Object.fromEntries(counters) as PacketCounts;
}

function canaryOf(value: unknown): CanaryRecord {
  const canary = objectOf<keyof CanaryRecord>(value, 'canary');
  return {
    address: addressOf(canary.address),
    choice: wordOf(canary.choice, 'choice', ['named', 'gateway'] as const),
    sent: wholeOf(canary.sent, 'sent'),
    received: wholeOf(canary.received, 'received'),
    silences: listOf(canary.silences, 'silences', MOST_ENTRIES).map((entry) => {
      const silence = objectOf<'fromMs' | 'toMs' | 'hosts' | 'answered'>(entry, 'a silence');
      return {
        from: timeOf(silence.fromMs, 'fromMs'),
        to: timeOf(silence.toMs, 'toMs'),
        hosts: wholeOf(silence.hosts, 'hosts'),
        answered: wholeOf(silence.answered, 'answered'),
      };
    }),
  };
}

function tcpOf(value: unknown): TcpRecord {
  const tcp = objectOf<keyof TcpRecord>(value, 'tcp');
  return {
    ports: listOf(tcp.ports, 'ports', MOST_PORTS).map((port) => wholeOf(port, 'a port', 1, 65_535)),
    hosts: countOf(tcp.hosts, 'hosts'),
    connections: countOf(tcp.connections, 'connections'),
    failed: countOf(tcp.failed, 'failed'),
  };
}

function countOf(value: unknown, what: string): number {
  return wholeOf(value, what, 0, MOST_COUNTED);
}

function sentencesOf(value: unknown, what: string): string[] {
  return listOf(value, what, MOST_ENTRIES).map((sentence) => textOf(sentence, what));
}

function timeOf(value: unknown, what: string): Date {
  return new Date(wholeOf(value, what, 0, LATEST_MS));
}

/** An address, maybe with a zone, in its canonical form. */
export function addressOf(value: unknown): string {
  const address =
    typeof value === 'string' && value.length <= LONGEST_ADDRESS ? readAddress(value) : undefined;
  if (address !== undefined) return address.text;
  throw new MessageRefused('an address is not one');
}

function shortened(sentence: string): string {
  return sentence.length <= 1000 ? sentence : `${sentence.slice(0, 999)}…`;
}
