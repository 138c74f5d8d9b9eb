/** How far a sweep is, in words: next to the bar, and in reply to a signal. */

import type { SweepProgress } from '../sweep-job.ts';
import { grouped, plural, twoDigits } from '../words.ts';

/** What a terminal shows for Ctrl-C: behind a line that is drawn again, it must not begin another one. */
export const ECHOED_KEY = '^C';
const MOST_SITES_SHOWN = 3;

/** ` 18 %  12,345/65,536 hosts  1,234 up  1,000/s  0:53 left` */
export function progressWords(progress: SweepProgress): string {
  const { targets, done, up, ratePps } = progress;
  const leftMs = millisecondsLeft(progress);
  return [
    `${String(percent(progress)).padStart(3)} %`,
    `${grouped(done)}/${grouped(targets)} hosts`,
    `${grouped(up)} up`,
    `${grouped(Math.round(ratePps))}/s`,
    leftMs === undefined ? '-:-- left' : `${clock(leftMs)} left`,
    ...siteWords(progress),
  ].join('  ');
}

/** How far the sweep is, in one line. */
export function snapshotLine(progress: SweepProgress): string {
  const { targets, done, up, sent, received, elapsedMs, ratePps } = progress;
  const leftMs = millisecondsLeft(progress);
  const parts = [
    `${grouped(done)} of ${grouped(targets)} hosts done (${percent(progress)} %)`,
    `${grouped(up)} up`,
    `${grouped(sent)} sent`,
    `${grouped(received)} received`,
    `${grouped(Math.round(ratePps))} probes/s`,
    `${clock(elapsedMs)} gone`,
    ...(leftMs === undefined ? [] : [`about ${clock(leftMs)} left`]),
    ...siteWords(progress),
  ];
  return parts.join(', ');
}

/** `berlin 45 %`, `paris silent`: the sites that are not done, those that are furthest behind first. */
function siteWords({ sites = [] }: SweepProgress): string[] {
  const open = sites
    .filter(({ done, targets }) => done < targets)
    .sort((a, b) => a.done / a.targets - b.done / b.targets);
  const shown = open.slice(0, MOST_SITES_SHOWN).map((each) => {
    const words = `${each.site} ${percent(each)} %`;
    return each.isHeard ? words : `${words}, silent`;
  });
  const more = open.length - shown.length;
  return more > 0 ? [...shown, plural(more, 'more site')] : shown;
}

/** Rounded down, so that 100 % means done. */
function percent({ done, targets }: Pick<SweepProgress, 'done' | 'targets'>): number {
  return targets === 0 ? 100 : Math.floor((100 * done) / targets);
}

/** What the hosts still to do take at the speed of those done by now; undefined before the first is done. */
function millisecondsLeft(progress: SweepProgress): number | undefined {
  const { done, takenOver = 0, targets, elapsedMs } = progress;
  const swept = done - takenOver;
  return swept <= 0 ? undefined : (elapsedMs * (targets - done)) / swept;
}

/** `1:02:03`, `2:03` */
export function clock(ms: number): string {
  const seconds = Math.round(ms / 1000);
  const minutes = Math.floor(seconds / 60);
  const tail = twoDigits(seconds % 60);
  if (minutes < 60) return `${minutes}:${tail}`;
  return `${Math.floor(minutes / 60)}:${twoDigits(minutes % 60)}:${tail}`;
}
