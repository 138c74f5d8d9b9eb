/** Delivers what is due in the outbox: to each receiver through its own courier, loaded only when it has work. */

import { randomUUID } from 'node:crypto';
import { EchosweepError } from '../../errors.ts';
import { PACKAGE_VERSION } from '../../package-version.ts';
import { safeJson, safeText } from '../../words.ts';
import type { LabelledNetwork } from '../host-report.ts';
import { readKnownHosts } from '../known-hosts.ts';
import type { Store } from '../store.ts';
import { type Courier, type DeliveryClock, deliverDue, SYSTEM_CLOCK } from './delivery.ts';
import { type DigestSource, queueDigests, withDigests } from './digest.ts';
import type { TestMessage } from './notice.ts';
import { dueChannels, endImpossiblePutOffs, type Urgency } from './outbox.ts';
import { quietAt } from './quiet-hours.ts';
import { isWebAddress } from './receiver-fields.ts';
import type { AddressPlace, Receiver, Receivers } from './receivers.ts';
import { readSecret, type SecretSources } from './secret.ts';

/** The part of a configuration that delivery needs. */
export interface DeliveryConfig extends Pick<Receivers, 'receivers'> {
  /** For digests. */
  readonly networks: readonly LabelledNetwork[];
  /** The file of the hosts that should be there. */
  readonly knownHosts: string | undefined;
}

export interface DeliveryOptions {
  /** Whether quiet hours do not count, because everything is to be delivered now. */
  readonly disturb?: boolean;
  readonly clock?: DeliveryClock;
}

/**
 * Delivers what is due, to all receivers at once.
 * @returns problems, a line each
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function deliverWaiting(
  store: Store,
  { receivers, networks, knownHosts }: DeliveryConfig,
  secrets: SecretSources,
  signal: AbortSignal,
  { disturb = false, clock = SYSTEM_CLOCK }: DeliveryOptions = {},
): Promise<string[]> {
  const now = clock.now();
  await queueDigests(store, receivers, now);
  await endImpossiblePutOffs(store, now);
  const due = dueChannels(store, now);
  const digests: DigestSource = {
    store,
    networks,
    knownHosts: async () =>
      knownHosts === undefined ? undefined : readKnownHosts(secrets.resolve(knownHosts)),
    clock,
  };
  const problems = await Promise.all(
    // What waits for a receiver that is no longer configured goes on waiting.
    receivers
      .filter(({ name }) => due.includes(name))
      .map(async (receiver) => {
        const urgencyAt = disturb ? undefined : (at: Date) => urgencyOf(receiver, at);
        if (urgencyAt !== undefined && urgencyAt(now) === undefined) return [];
        try {
          const courier = await courierOf(receiver, secrets);
          const whole = withDigests(courier, receiver, digests);
          return await deliverDue(store, whole, signal, clock, urgencyAt);
        } catch (error) {
          // The scan is kept, and so is the message: a secret that is missing today may be there tomorrow.
          if (!(error instanceof EchosweepError)) throw error;
          return [`${receiver.name}: ${error.message}`];
        }
      }),
  );
  return problems.flat().map(safeText);
}

/**
 * Sends a message that nothing has changed, past the queue, to see whether it arrives.
 * @returns what went wrong, in a line; undefined if it arrived
 */
export async function trySending(
  receiver: Receiver,
  secrets: SecretSources,
  signal: AbortSignal,
): Promise<string | undefined> {
  const now = new Date();
  const message: TestMessage = {
    type: 'test',
    schema: 1,
    text: `this is a test for ${receiver.name}: nothing has changed`,
  };
  const queued = { id: 0, delivery: randomUUID(), body: safeJson(message), queuedAt: now };
  try {
    const courier = await courierOf(receiver, secrets);
    const verdict = await courier.deliver([{ ...queued, attempts: 0 }], signal);
    const { problem } = verdict;
    return problem === undefined ? undefined : safeText(`${receiver.name}: ${problem}`);
  } catch (error) {
    if (!(error instanceof EchosweepError)) throw error;
    return safeText(`${receiver.name}: ${error.message}`);
  }
}

/** What a receiver may get at a moment; undefined for nothing. */
function urgencyOf({ quiet: hours }: Receiver, now: Date): Urgency | undefined {
  const quiet = quietAt(hours, now);
  if (!quiet.isQuiet) return 'all';
  return quiet.letAlarmsPass ? 'alarms' : undefined;
}

/** @throws EchosweepError CONFIG_INVALID if a secret is missing */
async function courierOf(receiver: Receiver, secrets: SecretSources): Promise<Courier> {
  const userAgent = `echosweep/${PACKAGE_VERSION}`;
  switch (receiver.type) {
    case 'webhook': {
      const url = await addressOf(receiver.address, secrets);
      const secret = await readSecret(receiver.secret, secrets);
      const { webhookCourier } = await import('./webhook.ts');
      return webhookCourier({ ...receiver, url }, secret, userAgent, secrets.env);
    }
    case 'mail': {
      const password = await readSecret(receiver.password, secrets);
      return (await import('./mail.ts')).mailCourier(receiver, password);
    }
    case 'syslog':
      return (await import('./syslog.ts')).syslogCourier(receiver);
    default: {
      const url = await addressOf(receiver.address, secrets);
      const token = await readSecret(receiver.token, secrets);
      const { chatCourier } = await import('./chat/chat-courier.ts');
      return chatCourier(receiver, url, token, userAgent, secrets.env);
    }
  }
}

async function addressOf({ url, ...place }: AddressPlace, secrets: SecretSources): Promise<string> {
  const address = url ?? (await readSecret(place, secrets)) ?? '';
  if (isWebAddress(address)) return address;
  throw new EchosweepError(
    'CONFIG_INVALID',
    'what is given as its URL is not a web address',
    'write one such as https://hooks.example/changes',
  );
}
