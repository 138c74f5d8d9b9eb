/** The description of the API (OpenAPI 3.1), made from the routes that serve it. */

import { z } from 'zod';
import { PACKAGE_VERSION } from '../../package-version.ts';
import type { Route } from './route.ts';

const ERROR = z.object({
  error: z.object({
    code: z.string().describe('Stable, for programs.'),
    message: z.string(),
    advice: z.string().describe('What to do about it.'),
  }),
});

/** What can be wrong with any request, by status. */
const FAILURES: Readonly<Record<string, string>> = {
  400: 'The request is wrong.',
  401: 'This takes a sign-in.',
  403: 'The role does not suffice, or the request comes from another site.',
  404: 'There is no such thing.',
  409: 'It cannot be done now.',
  413: 'The body is too large.',
  429: 'There were too many requests.',
  503: 'The inventory cannot be used.',
};

const EVENTS = {
  get: {
    operationId: 'getEvents',
    summary: 'Reports scans as they run, and says which answers are out of date.',
    'x-role': 'view',
    responses: {
      200: {
        description:
          'Server-sent events. `scan-started` and `scan-progress` have the progress, and in `cells` the addresses ' +
          'whose state has changed: the number of the first one, and a code an octet in base64. `runs` names the addresses ' +
          'that are counted, once for each stream and scan: the first of each run, and how many there are. `scan-ended` has ' +
          '`network` and `failure`. `changes` says that answers are out of date, of `network` or of all. ' +
          '`reloaded` says that the configuration was read again.',
        content: { 'text/event-stream': { schema: { type: 'string' } } },
      },
      ...failures(),
    },
  },
};

/** @param routes all of the API */
export function openApiOf(routes: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = { '/events': EVENTS };
  for (const route of routes) {
    paths[route.path] = {
      ...paths[route.path],
      [route.method.toLowerCase()]: operationOf(route),
    };
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'echosweep inventory',
      version: PACKAGE_VERSION,
      description:
        'The inventory of `echosweep inventory serve`. The role `edit` may do all that `view` may. Times are ISO 8601 in ' +
        'UTC, and names of fields are those of the JSON Lines reports.',
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [] }],
    paths,
    components: {
      schemas: { Error: jsonSchema(ERROR, 'output') },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer' },
        session: { type: 'apiKey', in: 'cookie', name: 'echosweep' },
      },
    },
  };
}

function operationOf({ method, path, role, summary, schemas }: Route): object {
  const { query, params, body, answer } = schemas;
  return {
    operationId: operationId(method, path),
    summary,
    'x-role': role,
    ...(role === 'anyone' && { security: [] }),
    parameters: [...parametersOf(params, 'path'), ...parametersOf(query, 'query')],
    ...(body !== undefined && {
      requestBody: {
        required: true,
        content: { 'application/json': { schema: jsonSchema(body, 'input') } },
      },
    }),
    responses: {
      200: {
        description: 'Done.',
        content: { 'application/json': { schema: jsonSchema(answer, 'output') } },
      },
      ...failures(),
    },
  };
}

/** Such as `getNetworksNameHosts`. */
function operationId(method: string, path: string): string {
  const words = path.match(/\w+/g) ?? [];
  return (
    method.toLowerCase() + words.map((word) => word[0]!.toUpperCase() + word.slice(1)).join('')
  );
}

function parametersOf(schema: z.ZodObject | undefined, place: 'path' | 'query'): object[] {
  if (schema === undefined) return [];
  const { properties = {}, required = [] } = jsonSchema(schema, 'input');
  return Object.entries(properties).map(([name, each]) => ({
    name,
    in: place,
    required: place === 'path' || required.includes(name),
    ...(typeof each === 'object' &&
      each.description !== undefined && {
        description: each.description,
      }),
    schema: each,
  }));
}

function failures(): object {
  const content = { 'application/json': { schema: { $ref: '#/components/schemas/Error' } } };
  return Object.fromEntries(
    Object.entries(FAILURES).map(([status, description]) => [status, { description, content }]),
  );
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const { $schema: _, ...described } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return described;
}
