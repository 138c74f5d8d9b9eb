/** Delivers what is due in the outbox: each channel through its own courier, loaded only when it has work. */

import { EchosweepError } from '../../errors.ts';
import { PACKAGE_VERSION } from '../../package-version.ts';
import { safeText } from '../../words.ts';
import type { Store } from '../store.ts';
import { type Courier, deliverDue } from './delivery.ts';
import { backlogs, type Channel } from './outbox.ts';
import type { Receivers } from './receivers.ts';
import { readSecret, type SecretSources } from './secret.ts';

/**
 * Delivers what is due, all channels at once.
 * @returns problems, a line each
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function deliverWaiting(
  store: Store,
  receivers: Receivers,
  secrets: SecretSources,
  signal: AbortSignal,
): Promise<string[]> {
  const now = new Date();
  const waiting = backlogs(store).filter(({ nextTry }) => nextTry <= now);
  const problems = await Promise.all(
    waiting.map(async ({ channel }) => {
      try {
        const courier = await courierOf(channel, receivers, secrets);
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

/** @returns undefined if the configuration no longer names the channel */
async function courierOf(
  channel: Channel,
  { webhook, mail, syslog }: Receivers,
  secrets: SecretSources,
): Promise<Courier | undefined> {
  if (channel === 'webhook' && webhook !== undefined) {
    const secret = await readSecret(webhook.secret, secrets);
    const { webhookCourier } = await import('./webhook.ts');
    return webhookCourier(webhook, secret, `echosweep/${PACKAGE_VERSION}`, secrets.env);
  }
  if (channel === 'mail' && mail !== undefined) {
    const password = await readSecret(mail.password, secrets);
    return (await import('./mail.ts')).mailCourier(mail, password);
  }
  if (channel === 'syslog' && syslog !== undefined) {
    return (await import('./syslog.ts')).syslogCourier(syslog);
  }
  return undefined;
}
