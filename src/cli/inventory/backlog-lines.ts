/** The messages that wait for each receiver, in words. */

import { backlogs } from '../../inventory/notify/outbox.ts';
import type { Receiver } from '../../inventory/notify/receivers.ts';
import type { Store } from '../../inventory/store.ts';
import { safeText } from '../../words.ts';

/**
 * `2 messages wait for webhook since 2026-01-01T00:00:00.000Z, next attempt at 2026-01-01T00:00:10.000Z: the reason`
 * @param receivers those of the configuration
 */
export function backlogLines(
  store: Store,
  receivers: readonly Receiver[],
  isWanted: (channel: string) => boolean = () => true,
): string[] {
  return backlogs(store)
    .filter(({ channel }) => isWanted(channel))
    .map(({ channel, messages, oldest, nextTry, problem }) => {
      const wait = messages === 1 ? '1 message waits' : `${messages} messages wait`;
      const why = problem === null ? '' : `: ${safeText(problem)}`;
      if (receivers.every(({ name }) => name !== channel)) {
        return `${wait} for ${safeText(channel)} since ${oldest.toISOString()}, a receiver that the configuration no longer has`;
      }
      const next = `next attempt at ${nextTry.toISOString()}`;
      return `${wait} for ${channel} since ${oldest.toISOString()}, ${next}${why}`;
    });
}
