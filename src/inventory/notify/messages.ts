/** Which receivers are notified of a scan's changes, and when: the messages to queue with the scan. */

import type { HostChange } from '../diff.ts';
import { isFurtherTurn } from '../flapping.ts';
import { CHANGE_SEVERITIES } from '../host-memory.ts';
import type { LabelledNetwork } from '../host-report.ts';
import { nextRun } from '../schedule.ts';
import { type ChangeFilter, changesFor } from './change-filter.ts';
import { changeMessage } from './change-message.ts';
import type { LabelsByAddress } from './host-labels.ts';
import type { Outgoing } from './outbox.ts';
import { quietAt } from './quiet-hours.ts';
import type { Receiver, Receivers } from './receivers.ts';

/** A scan with changes, and what is noted about its hosts. */
export interface ScanNews {
  readonly network: LabelledNetwork;
  readonly scannedAt: Date;
  readonly changes: readonly HostChange[];
  readonly labels: LabelsByAddress;
  readonly now: Date;
}

/** The messages about a scan's changes to every receiver that wants at least one of them. */
export function messagesAbout(
  { receivers }: Pick<Receivers, 'receivers'>,
  news: ScanNews,
): readonly Outgoing[] {
  const { network, scannedAt, now } = news;
  return receivers.flatMap((receiver) =>
    deliveriesOf(receiver, wantedChanges(receiver.filter, news), now).flatMap(
      ({ changes, dueAt }) =>
        changes.length === 0
          ? []
          : [{ channel: receiver.name, body: changeMessage(network, scannedAt, changes), dueAt }],
    ),
  );
}

/** The changes that pass a filter. A muted host is left out, and so is one that was called flapping before. */
export function wantedChanges(filter: ChangeFilter, news: ScanNews): readonly HostChange[] {
  const { network, changes, labels, now } = news;
  return changesFor(filter, network, changes, labels).filter((change) => {
    const mutedUntil = labels.get(change.address)?.mutedUntil ?? null;
    return (mutedUntil === null || mutedUntil <= now) && !isFurtherTurn(change);
  });
}

interface Delivery {
  readonly changes: readonly HostChange[];
  readonly dueAt: Date;
}

/** In quiet hours, alarms are a message of their own if they pass. */
function deliveriesOf(
  { quiet: hours, digest }: Receiver,
  changes: readonly HostChange[],
  now: Date,
): readonly Delivery[] {
  const nextDigest = nextRun(digest, now);
  if (nextDigest !== undefined) return [{ changes, dueAt: nextDigest }];
  const quiet = quietAt(hours, now);
  if (!quiet.isQuiet) return [{ changes, dueAt: now }];
  const passes = ({ kind }: HostChange): boolean =>
    quiet.letAlarmsPass && CHANGE_SEVERITIES[kind] === 'alarm';
  return [
    { changes: changes.filter(passes), dueAt: now },
    { changes: changes.filter((change) => !passes(change)), dueAt: quiet.until },
  ];
}
