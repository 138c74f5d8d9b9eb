/** Routes of the session: the person behind it, sign-in, sign-out. */

import { z } from 'zod';
import { PACKAGE_VERSION } from '../../package-version.ts';
import type { Visit } from '../sign-in/visit.ts';
import { type Route, route, type Surroundings } from './route.ts';

const WAYS = z.enum(['link', 'password', 'proxy', 'oidc', 'token']);

const session = z.object({
  user: z.string().nullable().describe('Null before sign-in.'),
  role: z.enum(['view', 'edit']).nullable().describe('`edit` may do all that `view` may.'),
  sign_in: WAYS.nullable().describe('How this client signed in.'),
  ways: z.array(WAYS).describe('Ways to sign in here.'),
  version: z.string().nullable().describe('Of the server; null before sign-in.'),
  can_scan: z.boolean().describe('Whether this person can start scans here.'),
  networks: z.int().nullable().describe('How many there are; null before sign-in.'),
  sites: z
    .int()
    .nullable()
    .describe('How many sites have agents that scan networks; null before sign-in.'),
});

export const SESSION_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/session',
    role: 'anyone',
    summary: 'Names the person who signed in, and the ways to sign in.',
    answer: session,
    handle: (request) => sessionOf(request),
  }),
  route({
    method: 'POST',
    path: '/session',
    role: 'anyone',
    summary: 'Signs in; the cookie that is set is the session.',
    body: z.union([
      z.strictObject({
        link: z
          .string()
          .max(100)
          .describe('What follows #link= in the link that the server printed.'),
      }),
      z.strictObject({ user: z.string().max(64), password: z.string().max(1024) }),
    ]),
    answer: session,
    handle: async (request) => {
      await request.visit.signIn(request.body);
      return sessionOf(request);
    },
  }),
  route({
    method: 'DELETE',
    path: '/session',
    role: 'anyone',
    summary: 'Signs out.',
    answer: session,
    handle: (request) => {
      request.visit.signOut();
      return sessionOf(request);
    },
  }),
];

function sessionOf({ visit, inventory }: { visit: Visit } & Pick<Surroundings, 'inventory'>) {
  const { person, ways } = visit;
  return {
    user: person?.user ?? null,
    role: person?.role ?? null,
    sign_in: person?.way ?? null,
    ways: [...ways],
    version: person === undefined ? null : PACKAGE_VERSION,
    can_scan: person?.role === 'edit' && inventory.scans !== undefined,
    networks: person === undefined ? null : inventory.networks.length,
    sites: person === undefined ? null : inventory.file.config.sites.length,
  };
}
