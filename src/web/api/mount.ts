/** Mounts the routes of the API: each admits a person, reads its request, answers, and leaves an audit line. */

import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import type { AuditLine } from '../../inventory/audit-log.ts';
import type { Inventory } from '../../service/inventory.ts';
import { isOwnOrigin, type OwnPlace } from '../request-place.ts';
import type { Gate, WebContext } from '../sign-in/gate.ts';
import { may, type Person } from '../sign-in/person.ts';
import type { Visit } from '../sign-in/visit.ts';
import { throughReloads } from '../through-reloads.ts';
import { ApiError, notFound } from './api-error.ts';
import { AuditedWrites } from './audited-writes.ts';
import type { EventStreams } from './event-streams.ts';
import { openApiOf } from './openapi.ts';
import { readJsonBody } from './request-body.ts';
import { METHODS, type Route } from './route.ts';
import { ROUTES } from './routes.ts';
import { SharedAnswers } from './shared-answers.ts';

/** What the API is made of. */
export interface ApiParts {
  readonly inventory: Inventory;
  readonly gate: Gate;
  readonly place: OwnPlace;
  readonly streams: EventStreams;
}

const API = '/api/v1';

export function mountApi(app: Hono<{ Bindings: HttpBindings }>, parts: ApiParts): void {
  app.use(`${API}/*`, async (context, next) => {
    context.header('cache-control', 'no-store');
    refuseOtherSites(context, parts.place);
    await next();
  });
  const shared = new SharedAnswers();
  parts.inventory.subscribe(({ type }) => {
    if (type !== 'scan-progress') shared.clear();
  });
  for (const route of ROUTES) {
    const path = `${API}${route.path.replaceAll(/\{(\w+)\}/g, ':$1')}`;
    app.on(route.method, path, (context) => answer(context, route, parts, shared));
  }
  app.get(`${API}/events`, (context) => {
    const visit = parts.gate.visitOf(context);
    admit(visit.person, 'view');
    if (context.req.method === 'HEAD') return context.body(null, 200);
    const stream = parts.streams.open(
      () => visit.stillSignedIn() !== undefined,
      () => void context.env.outgoing.destroy(),
    );
    if (stream === undefined) {
      throw new ApiError(429, 'TOO_MANY', 'too many pages are open', 'close some of them');
    }
    return context.body(stream, 200, { 'content-type': 'text/event-stream' });
  });
  const description = openApiOf(ROUTES);
  app.get(`${API}/openapi.json`, (context) => context.json(description));
  app.all(`${API}/*`, (context) => {
    refuseMethod(app, context);
    throw notFound('such route', `see ${API}/openapi.json`);
  });
}

/** @throws ApiError if the path of a request that has no route takes other methods; RFC 9110 section 15.5.6 */
export function refuseMethod(app: Hono<{ Bindings: HttpBindings }>, context: WebContext): void {
  const { method, path } = context.req;
  const taken = METHODS.filter((each) =>
    app.router.match(each, path)[0].some(([[, route]]) => route.method === each),
  );
  if (taken.length === 0) return;
  context.header(
    'allow',
    taken.flatMap((each) => (each === 'GET' ? ['GET', 'HEAD'] : [each])).join(', '),
  );
  throw new ApiError(
    405,
    'METHOD_REFUSED',
    `${path} takes no ${method}`,
    `use ${taken.join(' or ')}`,
  );
}

/** A request that changes something comes from our own page, or has a token and so comes from no page at all. */
function refuseOtherSites({ req }: WebContext, place: OwnPlace): void {
  if (req.method === 'GET' || req.method === 'HEAD') return;
  const origin = req.header('origin');
  if (origin === undefined && req.header('authorization') !== undefined) return;
  if (isOwnOrigin(origin, req.header('host'), place)) return;
  throw new ApiError(
    403,
    'ORIGIN_REFUSED',
    'the request comes from another site',
    'use the page of this server',
  );
}

async function answer(
  context: WebContext,
  route: Route,
  { inventory, gate, streams }: ApiParts,
  shared: SharedAnswers,
): Promise<Response> {
  const visit = gate.visitOf(context);
  const person = admit(visit.person, route.role);
  const params: Readonly<Record<string, string>> = context.req.param();
  requireNetwork(inventory, params['name']);
  const body = route.schemas.body === undefined ? undefined : await readJsonBody(context.req.raw);
  const request = { query: context.req.query(), params, body };
  return throughReloads(inventory, async (present) => {
    const writes = new AuditedWrites(present.store, () => lineOf(context, visit, person, body));
    const { write } = writes;
    const make = (): Promise<unknown> =>
      route.answerTo(request, { inventory: present, person, visit, write });
    if (route.method === 'GET' && route.role === 'view') {
      // What every person may read is the same for all of them.
      const json = await shared.of(context.req.url, async () => JSON.stringify(await make()));
      return context.body(json, 200, { 'content-type': 'application/json' });
    }
    const answered = (await make()) as object;
    if (isChange(route)) {
      shared.clear();
      await writes.finish();
      streams.changed(params['name']);
    }
    return context.json(answered);
  });
}

/** Whether a route changes the inventory; sign-ins have lines of their own. */
function isChange({ method, role }: Route): boolean {
  return method !== 'GET' && role !== 'anyone';
}

/** The audit line of a request that changes something. */
function lineOf(
  { req }: WebContext,
  { client }: Visit,
  { user, way }: Person,
  body: unknown,
): AuditLine {
  return {
    at: new Date(),
    user,
    way,
    client,
    action: `${req.method} ${req.path.slice(API.length)}`,
    detail: body === undefined ? null : JSON.stringify(body),
  };
}

const STRANGER: Person = { user: '', role: 'view', way: 'link' };

/** @throws ApiError if the person may not use the route */
function admit(person: Person | undefined, role: Route['role']): Person {
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
  throw notFound(`network ${JSON.stringify(name)}`, `see ${API}/networks`);
}
