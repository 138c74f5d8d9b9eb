/** What monitoring reads: the metrics, and whether all is well. */

import type { Hono } from 'hono';
import { EchosweepError } from '../errors.ts';
import type { Inventory } from '../service/inventory.ts';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function mountMonitoring(app: Hono, inventory: Inventory): void {
  app.get('/metrics', (context) => {
    try {
      return context.text(inventory.questions.metrics(), 200, {
        'content-type': METRICS_TYPE,
        'cache-control': 'no-store',
      });
    } catch (error) {
      // Whatever fails here, the scans go on.
      const problem = error instanceof EchosweepError ? error.message : 'the metrics failed';
      return context.text(`${problem}\n`, 503);
    }
  });
  app.get('/healthz', (context) => {
    const { problem } = inventory;
    return context.text(`${problem ?? 'ok'}\n`, problem === undefined ? 200 : 503, {
      'cache-control': 'no-store',
    });
  });
}
