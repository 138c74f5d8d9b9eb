/** The web interface as one function from requests to answers: checks first, then the API, then the page. */

import type { HttpBindings } from '@hono/node-server';
import { Hono } from 'hono';
import { html } from 'hono/html';
import { ApiError, asApiError, notFound } from './api/api-error.ts';
import { type ApiParts, mountApi, refuseMethod } from './api/mount.ts';
import { mountMonitoring } from './monitoring.ts';
import { DOCUMENT, readPageFiles } from './page-files.ts';
import { isOurHost } from './request-place.ts';
import type { WebContext } from './sign-in/gate.ts';
import { mountOidc } from './sign-in/mount-oidc.ts';
import { OIDC_PATH, type OidcSignIn } from './sign-in/oidc.ts';

/** What the interface is made of. */
export interface WebParts extends ApiParts {
  readonly oidc: OidcSignIn;
  /** Called for what no client should read. */
  readonly onFault: (error: unknown) => void;
}

/** Nothing comes from elsewhere, nothing is framed, no text can become markup. */
export const POLICY = [
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

type App = Hono<{ Bindings: HttpBindings }>;

export function webApp(parts: WebParts): App {
  const app: App = new Hono({ strict: true });
  app.use(async (context, next) => {
    for (const [name, value] of Object.entries(HEADERS)) context.header(name, value);
    if (!isOurHost(context.req.header('host'), parts.place)) {
      throw new ApiError(
        403,
        'HOST_REFUSED',
        'this server has another name',
        'use its own address, or give this one as web.url in its configuration',
      );
    }
    await next();
  });
  mountMonitoring(app, parts);
  mountOidc(app, parts.inventory, parts.gate, parts.oidc);
  mountApi(app, parts);
  mountPage(app);
  app.notFound((context) => {
    refuseMethod(app, context);
    return failure(context, notFound('such page', 'begin at /'));
  });
  app.onError((error, context) => {
    const answered = asApiError(error);
    if (answered.status >= 500) parts.onFault(detailOf(error));
    return failure(context, answered);
  });
  return app;
}

/** What the server's own messages say of a failure. */
function detailOf(error: unknown): unknown {
  return error instanceof ApiError ? (error.cause ?? error) : error;
}

function mountPage(app: App): void {
  for (const [name, file] of readPageFiles()) {
    app.get(name === DOCUMENT ? '/' : `/${name}`, (context) => {
      context.header('cache-control', 'no-cache');
      context.header('etag', file.etag);
      if (context.req.header('if-none-match') === file.etag) return context.body(null, 304);
      return context.body(file.content, 200, { 'content-type': file.type });
    });
  }
}

function failure(
  context: WebContext,
  { status, code, message, advice }: ApiError,
): Response | Promise<Response> {
  // The provider sends a browser here, with a person before it.
  const isShown = context.req.header('accept')?.includes('text/html') === true;
  if (isShown && context.req.path.startsWith(`/${OIDC_PATH}`)) {
    const page = html`<!doctype html><title>echosweep</title><p>${message}: ${advice}</p><a href="/">echosweep</a>`;
    return context.html(page, status);
  }
  return context.json({ error: { code, message, advice } }, status);
}
