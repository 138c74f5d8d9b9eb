/** What the colours of a map mean. */

import type { Status } from '../../../results/outcome.ts';
import type { PageData } from '../page-data.ts';
import { element } from './dom.ts';
import type { LogScale } from './scale.ts';
import { count, statusWordsOf, timeText } from './words.ts';

const UNANSWERED: readonly Exclude<Status, 'up'>[] = ['unreachable', 'down', 'error'];

/** @param scale of round-trip times; undefined if the ramp shows the share of hosts that answers */
export function legendOf(data: PageData, scale: LogScale | undefined): HTMLElement {
  const words = statusWordsOf(data);
  const statuses = UNANSWERED.filter((status) => data.statuses[status] > 0).map((status) =>
    element(
      'span',
      { class: 'key' },
      element('i', { class: `swatch ${status}` }),
      `${words[status]} `,
      element('b', {}, count(data.statuses[status])),
    ),
  );
  const ends =
    scale === undefined ? ['few answer', 'all answer'] : [timeText(scale.from), timeText(scale.to)];
  const ramp =
    data.statuses.up === 0
      ? []
      : [
          element(
            'span',
            { class: 'key' },
            scale === undefined ? 'Share up ' : 'Up ',
            element('b', {}, count(data.statuses.up)),
            element('span', { class: 'end' }, ends[0]!),
            element('i', { class: 'ramp' }),
            element('span', { class: 'end' }, ends[1]!),
          ),
        ];
  return element('p', { class: 'legend' }, ...ramp, ...statuses);
}
