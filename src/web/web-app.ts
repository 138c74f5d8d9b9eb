/** The web interface as one function from requests to answers: checks first, then the API, then the page. */

import { type Context, Hono } from 'hono';
import type { Inventory } from '../service/inventory.ts';
import { ApiError, asApiError, notFound } from './api/api-error.ts';
import type { Route } from './api/route.ts';
import { ROUTES } from './api/routes.ts';
import { type Gate, visitOf } from './gate.ts';
import { mountMonitoring } from './monitoring.ts';
import { DOCUMENT, readPageFiles } from './page-files.ts';
import { readJsonBody } from './request-body.ts';
import { isOurHost, isSameOrigin } from './request-place.ts';
import { may, type Person } from './sign-in/person.ts';

/** What the interface is made of. */
export interface WebParts {
  readonly inventory: Inventory;
  readonly gate: Gate;
  /** Host names that the server goes by, besides those of this machine. */
  readonly hostNames: readonly string[];
  /** The port that it listens on. */
  readonly port: number;
  /** Called for what no client should read. */
  readonly onFault: (error: unknown) => void;
}

/** Nothing comes from elsewhere, nothing is framed, no text can become markup. */
const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  "connect-src 'self'",
  "img-src 'self' data:",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join('; ');

const HEADERS = {
  'content-security-policy': POLICY,
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'x-frame-options': 'DENY',
};

const API = '/api/v1';

export function webApp(parts: WebParts): Hono {
  const app = new Hono({ strict: true });
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    const host = context.req.header('host');
    if (!isOurHost(host, parts.hostNames)) {
      throw new ApiError(
        403,
        'HOST_REFUSED',
        'this server has another name',
        'use its own address',
      );
    }
    await next();
  });
  app.use(`${API}/*`, async (context, next) => {
    context.header('cache-control', 'no-store');
    refuseOtherSites(context);
    await next();
  });
  for (const route of ROUTES) mount(app, route, parts);
  app.all(`${API}/*`, () => {
    throw notFound('such route', 'see /api/v1/openapi.json');
  });
  mountMonitoring(app, parts.inventory);
  mountPage(app);
  app.notFound((context) => failure(context, notFound('such page', 'begin at /')));
  app.onError((error, context) => {
    const answered = asApiError(error);
    if (answered.status >= 500) parts.onFault(error);
    return failure(context, answered);
  });
  return app;
}

/** A request that changes something comes from our own page. */
function refuseOtherSites({ req }: Context): void {
  if (req.method === 'GET' || req.method === 'HEAD') return;
  if (!isSameOrigin(req.header('origin'), req.header('host'))) {
    throw new ApiError(
      403,
      'ORIGIN_REFUSED',
      'the request comes from another site',
      'use the page of this server',
    );
  }
}

function mount(app: Hono, route: Route, { inventory, gate, port }: WebParts): void {
  const path = `${API}${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
  app.on(route.method, path, async (context) => {
    const visit = visitOf(context, gate, port);
    const person = admit(visit.person, route);
    const params: Readonly<Record<string, string>> = context.req.param();
    requireNetwork(inventory, params['name']);
    const body = route.schemas.body === undefined ? undefined : await readJsonBody(context.req.raw);
    const request = { query: context.req.query(), params, body };
    return context.json((await route.answerTo(request, { inventory, person, visit })) as object);
  });
}

const STRANGER: Person = { user: '', role: 'view', way: 'link' };

/** @throws ApiError if the person may not use the route */
function admit(person: Person | undefined, { role }: Route): Person {
  if (role === 'anyone') return person ?? STRANGER;
  if (person === undefined) {
    throw new ApiError(401, 'NOT_SIGNED_IN', 'this takes a sign-in', 'sign in first');
  }
  if (!may(person, role)) {
    throw new ApiError(403, 'ROLE_REFUSED', 'this takes the role edit', 'have it given to you');
  }
  return person;
}

function requireNetwork({ networks }: Inventory, name: string | undefined): void {
  if (name === undefined || networks.some((network) => network.name === name)) return;
  throw notFound(`network ${JSON.stringify(name)}`, 'see /api/v1/networks');
}

function mountPage(app: Hono): void {
  const files = readPageFiles();
  app.get('*', (context, next) => {
    const name = context.req.path.slice(1);
    // The page finds its way by the path itself.
    const isPlace = context.req.header('accept')?.includes('text/html') ?? false;
    const file = files.get(name) ?? (isPlace || name === '' ? files.get(DOCUMENT) : undefined);
    if (file === undefined) return next();
    context.header('cache-control', 'no-cache');
    context.header('etag', file.etag);
    if (context.req.header('if-none-match') === file.etag) return context.body(null, 304);
    return context.body(file.content, 200, { 'content-type': file.type });
  });
}

function failure(context: Context, { status, code, message, advice }: ApiError): Response {
  return context.json({ error: { code, message, advice } }, status);
}
