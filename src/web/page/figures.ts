/** The figures of the page. They come with the charting library, a file of its own that is loaded with the first of them. */

import type { Figure } from '../../report/html/page/charts.ts';
import type { NetworkDay, Span } from './answers.ts';
import { rttFigure, useFigure } from './day-figures.ts';
import { smokeFigure } from './smoke-figure.ts';

/** What a figure shows. */
export type Drawing =
  | { readonly of: 'use'; readonly days: readonly NetworkDay[]; readonly total: number }
  | { readonly of: 'rtt'; readonly days: readonly NetworkDay[] }
  | { readonly of: 'spread'; readonly spans: readonly Span[]; readonly unit: 'hour' | 'day' };

export function figureOf(drawing: Drawing): Figure {
  switch (drawing.of) {
    case 'use':
      return useFigure(drawing.days, drawing.total);
    case 'rtt':
      return rttFigure(drawing.days);
    case 'spread':
      return smokeFigure(drawing.spans, drawing.unit);
  }
}
