/** Who a request comes from: sessions by cookie, and the ways to begin one. */

import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { ApiError } from './api/api-error.ts';
import type { OneTimeLinks } from './sign-in/one-time-links.ts';
import type { Person } from './sign-in/person.ts';
import type { Sessions } from './sign-in/sessions.ts';
import type { Credentials, Visit } from './sign-in/visit.ts';

/** What can let a person in. */
export interface Gate {
  readonly sessions: Sessions;
  readonly links: OneTimeLinks;
}

/** Cookies know no ports: servers of one machine would take each other's. */
function cookieName(port: number): string {
  return `echosweep-${port}`;
}

/** The sign-in behind a request; cookies that it sets go into the answer. */
export function visitOf(context: Context, gate: Gate, port: number): Visit {
  const name = cookieName(port);
  const cookie = getCookie(context, name);
  let person = cookie === undefined ? undefined : gate.sessions.personOf(cookie);
  return {
    get person() {
      return person;
    },
    ways: ['link'],
    signIn: async (credentials) => {
      const found = personFor(credentials, gate);
      if (cookie !== undefined) gate.sessions.end(cookie);
      setCookie(context, name, gate.sessions.begin(found), {
        httpOnly: true,
        sameSite: 'Strict',
        path: '/',
      });
      person = found;
      return found;
    },
    signOut: () => {
      if (cookie !== undefined) gate.sessions.end(cookie);
      deleteCookie(context, name, { path: '/' });
      person = undefined;
    },
  };
}

function personFor({ link }: Credentials, { links }: Gate): Person {
  if (links.redeem(link)) return { user: 'local', role: 'edit', way: 'link' };
  throw new ApiError(
    401,
    'SIGN_IN_REFUSED',
    'the link was used already, or is too old',
    'take a new one from the server',
  );
}
