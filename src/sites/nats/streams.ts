/** The streams and consumers on the server: what keeps chunks and results until they are taken. */

import {
  AckPolicy,
  type ConsumerConfig,
  DiscardPolicy,
  JetStreamApiError,
  type JetStreamManager,
  RetentionPolicy,
  StorageType,
  type StreamConfig,
} from '@nats-io/jetstream';
import { MS_AN_HOUR, NS_A_MS } from '../../durations.ts';
import type { SiteWindow } from '../broker.ts';
import {
  RESULT_STREAM,
  RESULT_SUBJECTS,
  resultsOfScan,
  scanConsumer,
  scanOfWork,
  siteConsumer,
  WORK_STREAM,
  WORK_SUBJECTS,
  workOfScan,
  workOfSite,
} from './subjects.ts';

const MEBIBYTE = 1 << 20;
/** What no hub has read for a day is of a scan that has been given up. */
const KEPT_FOR_NS = 24 * MS_AN_HOUR * NS_A_MS;
/** An agent sends the same execution again only while it waits for the server's word. */
const DUPLICATES_FOR_NS = 120_000 * NS_A_MS;
/** For a hub to write a result to its journal. */
const READ_WITHIN_NS = 30_000 * NS_A_MS;
/** A reader that is gone for so long is not the one that comes back. */
const READER_KEPT_FOR_NS = MS_AN_HOUR * NS_A_MS;
/** Results that a hub may have received and not written yet. */
const UNREAD_RESULTS = 256;

/**
 * In memory: a disk would add what can fill or break, and the journal is the truth anyway. A message is there until one
 * agent, or the hub, has acknowledged it.
 */
const COMMON = {
  retention: RetentionPolicy.Workqueue,
  storage: StorageType.Memory,
  discard: DiscardPolicy.New,
  max_age: KEPT_FOR_NS,
  duplicate_window: DUPLICATES_FOR_NS,
} as const;

const STREAMS: readonly (Partial<StreamConfig> & Pick<StreamConfig, 'name' | 'max_bytes'>)[] = [
  {
    ...COMMON,
    name: WORK_STREAM,
    subjects: [WORK_SUBJECTS],
    max_bytes: 64 * MEBIBYTE,
    // Offering a chunk again while it is there has no effect.
    max_msgs_per_subject: 1,
    discard_new_per_subject: true,
  },
  { ...COMMON, name: RESULT_STREAM, subjects: [RESULT_SUBJECTS], max_bytes: 256 * MEBIBYTE },
];

/** JetStream's error codes, from the server's errors.json. */
const STREAM_NOT_FOUND = 10059;
const CONSUMER_NOT_FOUND = 10014;
const MOST_PER_SUBJECT = 10077;

/** Makes the streams that are missing. @returns when they were made: another text if one was lost and made again in between */
export async function layOutStreams(manager: JetStreamManager): Promise<string> {
  const madeAt: string[] = [];
  for (const stream of STREAMS) {
    try {
      madeAt.push((await manager.streams.update(stream.name, stream)).created);
    } catch (error) {
      if (!hasCode(error, STREAM_NOT_FOUND)) throw error;
      madeAt.push((await manager.streams.add(stream)).created);
    }
  }
  return madeAt.join(' ');
}

/**
 * Makes room in a stream of which half is full. What an agent sends for scans that nothing reads would keep out the results
 * of all others for a day, and what was read is far less. Chunks come from hubs alone: those of running scans may fill the
 * stream and stay, those of scans that nothing reads go.
 */
export async function keepRoom(manager: JetStreamManager): Promise<void> {
  for (const { name, max_bytes: room } of STREAMS) {
    const { state } = await manager.streams.info(name);
    if (state.bytes < room / 2) continue;
    if (name === RESULT_STREAM) await manager.streams.purge(name);
    else await purgeUnreadWork(manager);
  }
}

async function purgeUnreadWork({ streams, consumers }: JetStreamManager): Promise<void> {
  const readers = new Set<string>();
  for await (const { name } of consumers.list(RESULT_STREAM)) readers.add(name);
  const { state } = await streams.info(WORK_STREAM, { subjects_filter: WORK_SUBJECTS });
  for (const scan of new Set(Object.keys(state.subjects ?? {}).map(scanOfWork))) {
    if (readers.has(scanConsumer(scan))) continue;
    await streams.purge(WORK_STREAM, { filter: workOfScan(scan) });
  }
}

/** The queue of a site: it hands out at most as many chunks at once as the site has slots, each for the time of a lease. */
export async function serveSite(
  manager: JetStreamManager,
  { site, slots, leaseMs }: SiteWindow,
): Promise<void> {
  await ensureConsumer(manager, WORK_STREAM, {
    durable_name: siteConsumer(site),
    filter_subject: workOfSite(site),
    ack_policy: AckPolicy.Explicit,
    ack_wait: leaseMs * NS_A_MS,
    max_ack_pending: slots,
    max_deliver: -1,
  });
}

/** The reader of a scan's results. @param isFirst whether to take over what an earlier reader had received */
export async function readScan(
  manager: JetStreamManager,
  scan: string,
  isFirst: boolean,
): Promise<void> {
  if (isFirst) await endScan(manager, scan);
  await ensureConsumer(manager, RESULT_STREAM, {
    durable_name: scanConsumer(scan),
    filter_subject: resultsOfScan(scan),
    ack_policy: AckPolicy.Explicit,
    ack_wait: READ_WITHIN_NS,
    max_ack_pending: UNREAD_RESULTS,
    max_deliver: -1,
    inactive_threshold: READER_KEPT_FOR_NS,
  });
}

/** Ends the reader of a scan, if there is one. */
export async function endScan(manager: JetStreamManager, scan: string): Promise<void> {
  try {
    await manager.consumers.delete(RESULT_STREAM, scanConsumer(scan));
  } catch (error) {
    if (!hasCode(error, CONSUMER_NOT_FOUND) && !hasCode(error, STREAM_NOT_FOUND)) throw error;
  }
}

/** Whether the server refused a message because there is one with the same subject. */
export function isOfferedAlready(error: unknown): boolean {
  return hasCode(error, MOST_PER_SUBJECT);
}

async function ensureConsumer(
  manager: JetStreamManager,
  stream: string,
  config: Partial<ConsumerConfig> & { readonly durable_name: string },
): Promise<void> {
  const { durable_name: name } = config;
  try {
    await manager.consumers.info(stream, name);
  } catch (error) {
    if (!hasCode(error, CONSUMER_NOT_FOUND)) throw error;
    await manager.consumers.add(stream, config);
    return;
  }
  await manager.consumers.update(stream, name, config);
}

function hasCode(error: unknown, code: number): boolean {
  return error instanceof JetStreamApiError && error.code === code;
}
