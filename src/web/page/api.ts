/** Requests to the API of the server that the page is from. */

import { session, signedOut } from './session.ts';

/** Relative, for servers behind a path of a proxy. */
const BASE = 'api/v1/';

export type Query = Readonly<Record<string, string | number | boolean | undefined>>;

/** An answer other than 2xx, or none at all. */
export class ApiError extends Error {
  /** Of HTTP; 0 if the server cannot be reached. */
  readonly status: number;
  readonly advice: string;

  constructor(status: number, message: string, advice: string) {
    super(message);
    this.status = status;
    this.advice = advice;
  }
}

/** Each part of a path is escaped. */
export function apiPath(parts: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).flatMap(([name, value]) =>
    value === undefined || value === '' ? [] : [[name, String(value)]],
  );
  const path = parts.map(encodeURIComponent).join('/');
  return given.length === 0 ? path : `${path}?${new URLSearchParams(given)}`;
}

/** @param path of `apiPath` @throws {ApiError} */
export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return request<T>(path, signal === undefined ? {} : { signal });
}

/** @param path of `apiPath` @throws {ApiError} */
export function send<T>(
  method: 'POST' | 'PATCH' | 'DELETE',
  path: string,
  body?: unknown,
): Promise<T> {
  const json = { 'content-type': 'application/json' };
  return request<T>(
    path,
    body === undefined ? { method } : { method, headers: json, body: JSON.stringify(body) },
  );
}

async function request<T>(path: string, init: RequestInit): Promise<T> {
  const asker = session.peek();
  let response: Response;
  let text: string;
  try {
    response = await fetch(BASE + path, { credentials: 'same-origin', ...init });
    text = await response.text();
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The server cannot be reached', 'check that it is still running');
  }
  const { ok, status } = response;
  // A late answer says nothing about who has signed in since.
  if (status === 401 && session.peek() === asker) signedOut();
  if (!ok) throw failureOf(status, text);
  try {
    return (text === '' ? undefined : JSON.parse(text)) as T;
  } catch {
    // Such as the sign-in page of a proxy.
    throw new ApiError(status, 'The answer cannot be read', 'load the page again');
  }
}

function failureOf(status: number, text: string): ApiError {
  try {
    const { error } = JSON.parse(text) as { error: { message: string; advice?: string } };
    return new ApiError(status, error.message, error.advice ?? '');
  } catch {
    return new ApiError(status, `The server answered with status ${status}`, 'see its log');
  }
}

/** Octets of a base64 text. */
export function octetsOf(base64: string): Uint8Array {
  return Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
}
