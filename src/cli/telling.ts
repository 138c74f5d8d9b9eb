/** How changes reach those who want to be told: queued with the scan, delivered after it and whenever they are due. */

import { EchosweepError } from '../errors.ts';
import type { InventoryConfig, NetworkConfig } from '../inventory/config.ts';
import type { HostChange } from '../inventory/diff.ts';
import { nextRuns } from '../inventory/schedule.ts';
import type { Store } from '../inventory/store.ts';
import { changeMessage } from '../inventory/telling/change-message.ts';
import { type Courier, deliverDue } from '../inventory/telling/delivery.ts';
import { type Backlog, backlogs, type Outgoing } from '../inventory/telling/outbox.ts';
import { readSecret } from '../inventory/telling/secret.ts';
import { PACKAGE_VERSION } from '../package-version.ts';
import { safeText } from '../words.ts';
import type { ConfigFile } from './inventory-files.ts';
import type { Streams } from './terminal.ts';

/** The messages about a scan's changes to everybody that the configuration names. */
export function messagesAbout(
  { webhook, mail }: InventoryConfig,
  network: NetworkConfig,
  scannedAt: Date,
  changes: readonly HostChange[],
): readonly Outgoing[] {
  const now = new Date();
  const bodyOf = (kinds: readonly string[]): string | undefined => {
    const told = changes.filter(({ kind }) => kinds.includes(kind));
    if (told.length === 0) return undefined;
    return changeMessage(
      network,
      scannedAt,
      told.map((change) => ({ ...change, network: network.name })),
    );
  };
  const messages: Outgoing[] = [];
  const toWebhook = webhook === undefined ? undefined : bodyOf(webhook.kinds);
  if (toWebhook !== undefined) messages.push({ channel: 'webhook', body: toWebhook, dueAt: now });
  const toMail = mail === undefined ? undefined : bodyOf(mail.kinds);
  if (toMail !== undefined) {
    const digest = mail?.digest;
    const dueAt = digest === undefined ? now : (nextRuns(digest, now, 1)[0] ?? now);
    messages.push({ channel: 'mail', body: toMail, dueAt });
  }
  return messages;
}

/**
 * Delivers what is due, each channel for itself.
 * @returns problems, a line each
 */
export async function deliverWaiting(
  store: Store,
  file: ConfigFile,
  { env }: Pick<Streams, 'env'>,
  signal: AbortSignal,
): Promise<string[]> {
  const now = new Date();
  const waiting = backlogs(store).filter(({ nextTry }) => nextTry <= now);
  const problems = await Promise.all(
    waiting.map(async ({ channel }) => {
      try {
        const courier = await courierOf(file, channel, env);
        return courier === undefined ? [] : await deliverDue(store, courier, signal);
      } catch (error) {
        // The scan is kept, and so is the message: a secret that is missing today may be there tomorrow.
        if (!(error instanceof EchosweepError)) throw error;
        return [`${channel}: ${error.message}`];
      }
    }),
  );
  return problems.flat().map(safeText);
}

/** Loaded only where there is something to tell. @returns undefined where the configuration does not name the channel any more */
async function courierOf(
  { config, resolve }: ConfigFile,
  channel: Backlog['channel'],
  env: Streams['env'],
): Promise<Courier | undefined> {
  const { webhook, mail } = config;
  if (channel === 'webhook' && webhook !== undefined) {
    const secret = await readSecret(webhook.secret, env, resolve);
    const { webhookCourier } = await import('../inventory/telling/webhook.ts');
    return webhookCourier(webhook, secret, `echosweep/${PACKAGE_VERSION}`);
  }
  if (channel === 'mail' && mail !== undefined) {
    const password = await readSecret(mail.password, env, resolve);
    return (await import('../inventory/telling/mail.ts')).mailCourier(mail, password);
  }
  return undefined;
}

/** `2 messages wait for the webhook since 2026-01-01T00:00:00.000Z: the reason` */
export function backlogLines(store: Store): string[] {
  return backlogs(store).map(({ channel, messages, oldest, nextTry, problem }) => {
    const wait = messages === 1 ? '1 message waits' : `${messages} messages wait`;
    const why = problem === null ? '' : `: ${safeText(problem)}`;
    const next = `next try from ${nextTry.toISOString()}`;
    return `${wait} for ${channel} since ${oldest.toISOString()}, ${next}${why}`;
  });
}
