/** Scrolls the page to where the reader left it, while it arrives piece by piece. */

import { keepIn, keptIn } from './kept-places.ts';
import { route } from './route.ts';

const LONGEST_MS = 10_000;
const BY_READER = ['wheel', 'touchstart', 'pointerdown', 'keydown'] as const;

/** Ends the wait for the rest of the view. */
let settle: (() => void) | undefined;

/** @returns stops it */
export function startScrollKeeping(): () => void {
  const keep = (): void => {
    if (settle === undefined) keepIn(route.peek().step, { top: scrollY });
  };
  addEventListener('scroll', keep, { passive: true });
  return () => removeEventListener('scroll', keep);
}

/** To be called when a view appears: it begins at its top unless the reader comes back to it. */
export function scrollToKept(): void {
  settle?.();
  const { top = 0 } = keptIn(route.peek().step);
  scrollTo(0, top);
  if (top === 0) return;
  const size = new ResizeObserver(() => {
    scrollTo(0, top);
    if (document.querySelector('.pending') === null) settle?.();
  });
  const timer = setTimeout(() => settle?.(), LONGEST_MS);
  const stop = (): void => {
    settle = undefined;
    size.disconnect();
    clearTimeout(timer);
    for (const event of BY_READER) removeEventListener(event, stop);
  };
  settle = stop;
  size.observe(document.body);
  for (const event of BY_READER) addEventListener(event, stop, { passive: true });
}
