/** A figure in a view, drawn once the code of the figures is here. */

import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import type { Drawing } from './figures.ts';
import { notice } from './notice.ts';
import { Pending } from './parts.tsx';

/** Half as much code as the rest of the page has: views without figures do not wait for it. */
const load = () => import('./figures.ts');

/** Loads the code of the figures while their data is still on its way. */
export function useFigureCode(): void {
  useLayoutEffect(() => void load().catch(() => {}), []);
}

/** @param basis the figure is drawn again if it changes */
export function DrawnFigure({
  drawing,
  basis,
}: {
  readonly drawing: Drawing;
  readonly basis: unknown;
}) {
  const place = useRef<HTMLDivElement>(null);
  const [isDrawn, setDrawn] = useState(false);
  useEffect(() => {
    let isWanted = true;
    let stop = (): void => {};
    load().then(
      ({ figureOf }) => {
        if (!isWanted || place.current === null) return;
        const figure = figureOf(drawing);
        place.current.replaceChildren(figure.root);
        stop = figure.stop;
        setDrawn(true);
      },
      () => {
        notice.value = 'A figure could not be loaded: reload the page';
      },
    );
    return () => {
      isWanted = false;
      stop();
    };
  }, [basis]);
  return (
    <>
      {!isDrawn && <Pending height={260} />}
      <div class="drawn" ref={place} />
    </>
  );
}
