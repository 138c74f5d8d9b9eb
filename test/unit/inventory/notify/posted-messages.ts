/** Changes that are queued and posted to a web server on this host, at a time that the test sets. */

import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { HostChange } from '../../../../src/inventory/diff.ts';
import type { ChangeKind } from '../../../../src/inventory/host-memory.ts';
import type { LabelledNetwork } from '../../../../src/inventory/host-report.ts';
import { deliverWaiting } from '../../../../src/inventory/notify/couriers.ts';
import { messagesAbout } from '../../../../src/inventory/notify/messages.ts';
import type { Message } from '../../../../src/inventory/notify/notice.ts';
import { queue } from '../../../../src/inventory/notify/outbox.ts';
import { WEEKDAYS } from '../../../../src/inventory/notify/quiet-hours.ts';
import type { Receiver } from '../../../../src/inventory/notify/receivers.ts';
import { inTransaction, type Store } from '../../../../src/inventory/store.ts';
import { temporaryFolder } from '../samples.ts';
import { type Values, webhook } from './receiver-samples.ts';

const FOLDER = temporaryFolder();
export const SECRETS = { env: {}, resolve: (path: string) => join(FOLDER, path) };
const NETWORKS = [{ name: 'office', site: null, tags: [] }];
export const never: AbortSignal = new AbortController().signal;

/** A post that a server took in full, whatever it answered. */
export interface Arrival {
  readonly receiver: string;
  readonly delivery: string;
  readonly message: Message;
}

/** Lends a web server, and receivers that post to it; `answer` decides what becomes of each post. */
export async function withServer(
  answer: (arrival: Arrival, response: ServerResponse) => void,
  body: (receiver: (values: Values) => Receiver) => Promise<void>,
): Promise<void> {
  const server = createServer((request, response) => {
    let text = '';
    request.setEncoding('utf8').on('data', (piece: string) => {
      text += piece;
    });
    request.on('end', () => {
      const delivery = String(request.headers['echosweep-delivery']);
      const message = JSON.parse(text) as Message;
      answer({ receiver: request.url!.slice(1), delivery, message }, response);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  try {
    await body((values) => webhook(values, `http://127.0.0.1:${port}/${values.name}`));
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

export function changeOf(kind: ChangeKind, address: string, now: Date): HostChange {
  return { kind, address, hostname: null, before: '', after: '', seenAt: now };
}

/** Queues changes of the office for the receivers. */
export function queueNews(
  store: Store,
  receivers: readonly Receiver[],
  changes: readonly HostChange[],
  now: Date,
): void {
  const news = { network: NETWORKS[0]!, scannedAt: now, changes, labels: new Map(), now };
  inTransaction(store, () => queue(store, messagesAbout({ receivers }, news), now));
}

export const NIGHT = {
  from: 22 * 60,
  to: 7 * 60,
  days: WEEKDAYS,
  timeZone: 'UTC',
  letAlarmsPass: true,
};

export const isNight = (now: Date): boolean => now.getUTCHours() >= 22 || now.getUTCHours() < 7;

/** Delivers what is due at a moment. @param networks whose totals are in digests @param knownHosts a file that SECRETS resolves */
export function deliver(
  store: Store,
  receivers: readonly Receiver[],
  now: Date,
  {
    networks = NETWORKS,
    knownHosts,
    disturb = false,
  }: {
    networks?: readonly LabelledNetwork[];
    knownHosts?: string | undefined;
    disturb?: boolean;
  } = {},
): Promise<string[]> {
  const clock = { now: () => now, random: () => 0.5 };
  const config = { receivers, networks, knownHosts };
  return deliverWaiting(store, config, SECRETS, never, { clock, disturb });
}
