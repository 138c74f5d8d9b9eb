/** A route of the API as data: what it takes, what it answers, who may use it. The server and its description are made from these. */

import type { z } from 'zod';
import type { Inventory } from '../../service/inventory.ts';
import type { Person, Role } from '../sign-in/person.ts';
import type { Visit } from '../sign-in/visit.ts';
import { requestInvalid } from './api-error.ts';

export const METHODS = ['GET', 'POST', 'PATCH', 'DELETE'] as const;
export type Method = (typeof METHODS)[number];

/** What a route is described by. */
export interface RouteWords {
  readonly method: Method;
  /** Below `/api/v1`, such as `/networks/{name}`; a `{name}` there is a network of the configuration. */
  readonly path: string;
  /** The role that it takes; `anyone` needs no sign-in. */
  readonly role: Role | 'anyone';
  /** One sentence. */
  readonly summary: string;
}

/** Schemas of a request and its answer. */
export interface RouteSchemas {
  /** An object of strings as they are in the address: `z.coerce` makes numbers of them. */
  readonly query: z.ZodObject | undefined;
  readonly params: z.ZodObject | undefined;
  readonly body: z.ZodType | undefined;
  readonly answer: z.ZodType;
}

/** What every route gets besides its request. */
export interface Surroundings {
  readonly inventory: Inventory;
  /** The person behind the request; without sign-in a stand-in that may do nothing, see `visit`. */
  readonly person: Person;
  /** The sign-in of this client. */
  readonly visit: Visit;
  /** Changes the inventory: `work` and the audit line of the request are one transaction. */
  readonly write: Write;
}

/** Runs `work` as soon as nothing else is written. @throws EchosweepError INVENTORY_BUSY, INVENTORY_FAILED */
export type Write = <Result>(work: () => Result) => Promise<Result>;

/** A request before its schemas have read it. */
export interface RawRequest {
  readonly query: Readonly<Record<string, string>>;
  readonly params: Readonly<Record<string, string>>;
  readonly body: unknown;
}

/** One route, ready to be mounted. */
export interface Route extends RouteWords {
  readonly schemas: RouteSchemas;
  /** Reads the request by the schemas and answers it. @throws ApiError, EchosweepError */
  readonly answerTo: (request: RawRequest, surroundings: Surroundings) => Promise<unknown>;
}

type Output<Schema> = Schema extends z.ZodType ? z.output<Schema> : undefined;

/** What a route is written as. `answer` describes the JSON exactly, so nothing is transformed there. */
interface WrittenRoute<Query, Params, Body, Answer extends z.ZodType> extends RouteWords {
  readonly query?: Query;
  readonly params?: Params;
  readonly body?: Body;
  readonly answer: Answer;
  readonly handle: (
    request: {
      readonly query: Output<Query>;
      readonly params: Output<Params>;
      readonly body: Output<Body>;
    } & Surroundings,
  ) => z.input<Answer> | Promise<z.input<Answer>>;
}

/** A route with its types checked against its schemas. */
export function route<
  Answer extends z.ZodType,
  Query extends z.ZodObject | undefined = undefined,
  Params extends z.ZodObject | undefined = undefined,
  Body extends z.ZodType | undefined = undefined,
>(written: WrittenRoute<Query, Params, Body, Answer>): Route {
  const { method, path, role, summary, query, params, body, answer, handle } = written;
  return {
    method,
    path,
    role,
    summary,
    schemas: { query, params, body, answer },
    answerTo: async (request, surroundings) =>
      handle({
        ...surroundings,
        query: read(query, request.query, 'the query'),
        params: read(params, request.params, 'the path'),
        body: read(body, request.body, 'the body'),
      }),
  };
}

function read<Schema>(
  schema: (Schema & z.ZodType) | undefined,
  value: unknown,
  place: string,
): Output<Schema> {
  if (schema === undefined) return undefined as Output<Schema>;
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data as Output<Schema>;
  const [first] = parsed.error.issues;
  const field = first!.path.map(String).join('.');
  throw requestInvalid(
    `${place} is wrong${field === '' ? '' : ` at ${field}`}: ${first!.message}`,
    'see /api/v1/openapi.json',
  );
}
