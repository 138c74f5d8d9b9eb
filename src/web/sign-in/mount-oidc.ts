/** The two addresses of a sign-in by OpenID Connect: the way to the provider, and the way back. */

import type { HttpBindings } from '@hono/node-server';
import type { Hono } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { WebOidc } from '../../inventory/config/web-config.ts';
import type { Inventory } from '../../service/inventory.ts';
import { notFound } from '../api/api-error.ts';
import type { Gate } from './gate.ts';
import { OIDC_CALLBACK_PATH, OIDC_PATH, type OidcSignIn } from './oidc.ts';

/** With the prefix, no other host of the domain can set it; RFC 6265bis section 4.1.3.2. */
function cookieOf(ownUrl: URL) {
  const secure = ownUrl.protocol === 'https:';
  return { name: `${secure ? '__Host-' : ''}echosweep-oidc`, options: { path: '/', secure } };
}

export function mountOidc(
  app: Hono<{ Bindings: HttpBindings }>,
  inventory: Inventory,
  gate: Gate,
  signIn: OidcSignIn,
): void {
  const configured = (): { readonly oidc: WebOidc; readonly ownUrl: URL } => {
    const { oidc, url } = inventory.file.config.web;
    if (oidc === undefined || url === undefined) throw notFound('such page', 'begin at /');
    return { oidc, ownUrl: url };
  };
  app.get(`/${OIDC_PATH}`, async (context) => {
    const { oidc, ownUrl } = configured();
    const { url, sealed } = await signIn.begin(oidc, ownUrl);
    const { name, options } = cookieOf(ownUrl);
    setCookie(context, name, sealed, {
      ...options,
      httpOnly: true,
      // The provider sends the browser back, and a strict cookie would stay behind.
      sameSite: 'Lax',
      maxAge: 600,
    });
    return context.redirect(url.href);
  });
  app.get(`/${OIDC_CALLBACK_PATH}`, async (context) => {
    const { oidc, ownUrl } = configured();
    const { name, options } = cookieOf(ownUrl);
    const sealed = getCookie(context, name) ?? '';
    deleteCookie(context, name, options);
    const { search } = new URL(context.req.url);
    const person = await signIn.finish(oidc, ownUrl, search, sealed);
    gate.enter(context, person);
    return context.redirect(ownUrl.href);
  });
}
