/** The route of the audit log. */

import { z } from 'zod';
import { countActions, listActions } from '../../inventory/audit-log.ts';
import { type Route, route } from './route.ts';

const line = z.object({
  id: z.int(),
  at: z.iso.datetime(),
  user: z.string(),
  sign_in: z.string().describe('How they were signed in.'),
  client: z.string().describe('The address that the request came from.'),
  action: z.string().describe('The method and the path below /api/v1.'),
  subject: z.string().nullable().describe('What was sent, as JSON.'),
});

export const AUDIT_ROUTES: readonly Route[] = [
  route({
    method: 'GET',
    path: '/audit',
    role: 'edit',
    summary: 'Lists what people and tokens have changed, newest first.',
    query: z.strictObject({
      limit: z.coerce.number().int().min(1).max(1000).default(100),
      cursor: z
        .string()
        .regex(/^\d{1,15}$/)
        .optional(),
    }),
    answer: z.object({ items: z.array(line), next: z.string().nullable(), total: z.int() }),
    handle: ({ inventory: { store }, query: { limit, cursor } }) => {
      const lines = listActions(store, cursor === undefined ? undefined : Number(cursor), limit);
      return {
        items: lines.map(({ id, at, user, way, client, action, detail }) => ({
          id,
          at: at.toISOString(),
          user,
          sign_in: way,
          client,
          action,
          subject: detail,
        })),
        next: lines.length < limit ? null : String(lines.at(-1)!.id),
        total: countActions(store),
      };
    },
  }),
];
