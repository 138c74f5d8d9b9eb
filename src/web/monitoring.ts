/** What monitoring reads: the metrics, whether all is well, and the hosts to monitor. */

import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { ApiError } from './api/api-error.ts';
import type { ApiParts } from './api/mount.ts';
import { serviceDiscovery } from './service-discovery.ts';
import type { WebContext } from './sign-in/gate.ts';
import { throughReloads } from './through-reloads.ts';

const METRICS_TYPE = 'text/plain; version=0.0.4; charset=utf-8';

export function mountMonitoring(app: Hono<{ Bindings: HttpBindings }>, parts: ApiParts): void {
  const { inventory } = parts;
  app.get('/metrics', (context) => {
    admit(context, parts);
    return context.text(inventory.questions.metrics(), 200, {
      'content-type': METRICS_TYPE,
      'cache-control': 'no-store',
    });
  });
  app.get('/sd', async (context) => {
    admit(context, parts);
    const { network, tag } = context.req.query();
    const json = await throughReloads(inventory, (present) =>
      serviceDiscovery(present, { network, tag }),
    );
    return context.body(json, 200, {
      'content-type': 'application/json; charset=utf-8',
      'cache-control': 'no-store',
    });
  });
  app.get('/healthz', (context) => {
    const { problem } = inventory;
    return context.text(`${problem ?? 'ok'}\n`, problem === undefined ? 200 : 503, {
      'cache-control': 'no-store',
    });
  });
}

/**
 * On this machine everyone may read the metrics, as they may read its other sockets; but not everyone behind a proxy,
 * whose clients come from this machine as well.
 * @throws ApiError
 */
function admit(context: WebContext, { inventory, gate, place }: ApiParts): void {
  const { proxy, hasOpenMetrics } = inventory.file.config.web;
  const isOfThisMachine = place.isLoopback && place.url === undefined && proxy === undefined;
  if (isOfThisMachine || hasOpenMetrics) return;
  if (gate.visitOf(context).person !== undefined) return;
  throw new ApiError(
    401,
    'NOT_SIGNED_IN',
    'this takes a token',
    'create one and send it as Authorization: Bearer',
  );
}
