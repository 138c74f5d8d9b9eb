/** Routes of the tokens that programs sign in with. */

import { z } from 'zod';
import { MS_A_DAY } from '../../durations.ts';
import { addToken, listTokens, revokeToken } from '../../inventory/api-tokens.ts';
import type { Person } from '../sign-in/person.ts';
import { digestOf, newSecret } from '../sign-in/secret-token.ts';
import { ApiError, notFound } from './api-error.ts';
import { type Route, route } from './route.ts';

/** Recognisable, so that scanners for secrets can find one that was published by mistake. */
const PREFIX = 'echosweep_';

const role = z.enum(['view', 'edit']);

const token = z.object({
  id: z.string(),
  name: z.string().describe('What it is for.'),
  role,
  created_by: z.string(),
  created_at: z.iso.datetime(),
  expires_at: z.iso.datetime().nullable(),
  last_used_at: z.iso.datetime().nullable().describe('To within an hour.'),
});

export const TOKEN_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/tokens',
    role: 'edit',
    summary: 'Lists the tokens of programs, without their secrets.',
    answer: z.object({ items: z.array(token), next: z.null(), total: z.int() }),
    handle: ({ inventory }) => {
      const items = listTokens(inventory.store).map((each) => ({
        id: String(each.id),
        name: each.name,
        role: each.role,
        created_by: each.madeBy,
        created_at: each.madeAt.toISOString(),
        expires_at: each.endsAt?.toISOString() ?? null,
        last_used_at: each.usedAt?.toISOString() ?? null,
      }));
      return { items, next: null, total: items.length };
    },
  }),
  route({
    method: 'POST',
    path: '/tokens',
    role: 'edit',
    summary: 'Creates a token. Its secret is in this answer and nowhere else.',
    body: z.strictObject({
      name: z.string().trim().min(1).max(100),
      role,
      expires_days: z.int().min(1).max(3650).optional().describe('It has no end by default.'),
    }),
    answer: z.object({ id: z.string(), token: z.string() }),
    handle: async ({ inventory: { store }, person, body, write }) => {
      requirePerson(person);
      const secret = `${PREFIX}${newSecret()}`;
      const now = Date.now();
      const { name, expires_days: days } = body;
      const made = {
        name,
        role: body.role,
        madeBy: person.user,
        madeAt: new Date(now),
        endsAt: days === undefined ? null : new Date(now + days * MS_A_DAY),
      };
      const id = await write(() => addToken(store, digestOf(secret), made));
      return { id: String(id), token: secret };
    },
  }),
  route({
    method: 'DELETE',
    path: '/tokens/{id}',
    role: 'edit',
    summary: 'Revokes a token at once.',
    params: z.object({ id: z.string().regex(/^\d{1,15}$/) }),
    answer: z.object({ revoked: z.literal(true) }),
    handle: async ({ inventory: { store }, params, write }) => {
      const id = Number(params.id);
      if (!listTokens(store).some((each) => each.id === id)) {
        throw notFound('such token', 'see /api/v1/tokens');
      }
      await write(() => revokeToken(store, id));
      return { revoked: true as const };
    },
  }),
];

/** A stolen token must not outlive its revocation by another one that it made. */
function requirePerson({ way }: Person): void {
  if (way !== 'token') return;
  throw new ApiError(403, 'ROLE_REFUSED', 'a token cannot create tokens', 'sign in as a person');
}
