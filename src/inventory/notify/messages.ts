/** Which receivers are notified of a scan's changes, and when: the messages to queue with the scan. */

import type { HostChange } from '../diff.ts';
import type { ChangeKind } from '../host-memory.ts';
import type { LabelledNetwork } from '../host-report.ts';
import { nextRun } from '../schedule.ts';
import { changeMessage } from './change-message.ts';
import type { Outgoing } from './outbox.ts';
import type { Receivers } from './receivers.ts';

/** The messages about a scan's changes to every receiver that wants at least one of them. */
export function messagesAbout(
  { webhook, mail, syslog }: Receivers,
  network: LabelledNetwork,
  scannedAt: Date,
  changes: readonly HostChange[],
  now: Date,
): readonly Outgoing[] {
  const bodyFor = (kinds: readonly ChangeKind[]): string | undefined => {
    const wanted = changes.filter(({ kind }) => kinds.includes(kind));
    return wanted.length === 0 ? undefined : changeMessage(network, scannedAt, wanted);
  };
  const messages: Outgoing[] = [];
  const toWebhook = webhook === undefined ? undefined : bodyFor(webhook.kinds);
  if (toWebhook !== undefined) messages.push({ channel: 'webhook', body: toWebhook, dueAt: now });
  const toMail = mail === undefined ? undefined : bodyFor(mail.kinds);
  if (toMail !== undefined) {
    const dueAt = nextRun(mail?.digest, now) ?? now;
    messages.push({ channel: 'mail', body: toMail, dueAt });
  }
  const toSyslog = syslog === undefined ? undefined : bodyFor(syslog.kinds);
  if (toSyslog !== undefined) messages.push({ channel: 'syslog', body: toSyslog, dueAt: now });
  return messages;
}
