/** What an agent says about itself every few seconds. Whether it is well follows from the age of what it said. */

import { SLOTS } from '../../results/site-facts.ts';
import {
  encodeJson,
  LATEST_MS,
  listOf,
  MessageRefused,
  objectOf,
  orNull,
  readJson,
  textOf,
  wholeOf,
} from './message.ts';
import { isChunkNumber, isName } from './names.ts';
import { CONTRACT } from './version.ts';

/** A chunk under way. */
export interface ChunkProgress {
  readonly scan: string;
  readonly chunk: number;
  readonly startedAtMs: number;
  readonly hosts: number;
  /** Hosts that are final, and those of them that are up. */
  readonly done: number;
  readonly up: number;
}

export interface AgentStatus {
  /** Of echosweep. */
  readonly version: string;
  /** The versions of messages that it understands. */
  readonly oldestContract: number;
  readonly newestContract: number;
  /** Its clock when it sent this, milliseconds since 1970 UTC. */
  readonly nowMs: number;
  /** When the agent was started, by the same clock. */
  readonly startedAtMs: number;
  /** Chunks that it sweeps at once, at most. */
  readonly slots: number;
  readonly chunks: readonly ChunkProgress[];
  /** Results that wait to be sent. */
  readonly unsent: number;
  /** What it cannot do, one sentence; null if there is nothing. */
  readonly problem: string | null;
  readonly memoryOctets: number;
}

const LONGEST_STATUS = 32_768;

export function encodeStatus(status: AgentStatus): Uint8Array {
  return encodeJson({ v: CONTRACT, ...status });
}

/**
 * A status of any version is read as far as it is known, because it says which versions the agent understands.
 * @throws MessageRefused
 */
export function decodeStatus(octets: Uint8Array): AgentStatus {
  if (octets.length > LONGEST_STATUS) throw new MessageRefused('the status is too long');
  const message = readJson<keyof AgentStatus>(octets);
  return {
    version: textOf(message.version, 'version').slice(0, 64),
    oldestContract: wholeOf(message.oldestContract, 'oldestContract', 1, 1_000_000),
    newestContract: wholeOf(message.newestContract, 'newestContract', 1, 1_000_000),
    nowMs: wholeOf(message.nowMs, 'nowMs', 0, LATEST_MS),
    startedAtMs: wholeOf(message.startedAtMs, 'startedAtMs', 0, LATEST_MS),
    slots: wholeOf(message.slots, 'slots', 1, SLOTS.most),
    chunks: listOf(message.chunks, 'chunks', SLOTS.most).map(progressOf),
    unsent: wholeOf(message.unsent, 'unsent'),
    problem: orNull(message.problem, (value) => textOf(value, 'problem')),
    memoryOctets: wholeOf(message.memoryOctets, 'memoryOctets'),
  };
}

function progressOf(value: unknown): ChunkProgress {
  const { scan, chunk, startedAtMs, hosts, done, up } = objectOf<keyof ChunkProgress>(
    value,
    'a chunk',
  );
  if (!isName(scan) || !isChunkNumber(chunk)) {
    throw new MessageRefused('a chunk has no valid name');
  }
  const count = wholeOf(hosts, 'hosts', 0, 1_000_000);
  return {
    scan,
    chunk,
    startedAtMs: wholeOf(startedAtMs, 'startedAtMs', 0, LATEST_MS),
    hosts: count,
    done: wholeOf(done, 'done', 0, count),
    up: wholeOf(up, 'up', 0, count),
  };
}
