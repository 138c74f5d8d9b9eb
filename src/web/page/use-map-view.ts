/** Draws a map into a place of the page, and takes it away again with that place. */

import type { RefObject } from 'preact';
import { type Inputs, useEffect, useRef } from 'preact/hooks';
import type { MapModel } from '../../report/html/page/map-model.ts';
import { MapView } from '../../report/html/page/map-view.ts';

/** @param model made when it is drawn @param onChoose called with the number of the cell @param inputs draw it again if they change */
export function useMapView(
  model: () => MapModel,
  onChoose: (member: number) => void,
  inputs: Inputs,
): {
  readonly place: RefObject<HTMLDivElement | null>;
  readonly view: RefObject<MapView | null>;
} {
  const place = useRef<HTMLDivElement>(null);
  const view = useRef<MapView>(null);
  /** Where the cursor of the keyboard was in the map before. */
  const left = useRef({ member: -1, count: 0 });
  useEffect(() => {
    // Drawing waits until the browser has painted, and a reader may have left by then.
    if (place.current === null) return undefined;
    const drawn = model();
    const made = new MapView(drawn, { onChoose, onLeave: () => made.select(-1) });
    view.current = made;
    place.current.replaceChildren(made.root);
    made.start();
    const { count } = drawn.index;
    const { member } = left.current;
    if (member >= 0 && left.current.count === count) {
      made.focus();
      made.select(member);
    }
    return () => {
      left.current = { member: made.atKeyboard, count };
      made.stop();
      made.root.remove();
    };
  }, inputs);
  return { place, view };
}
