/** Requests about the session: who the reader is, sign-in, sign-out. */

import type { Session } from './answers.ts';
import { apiPath, get, send } from './api.ts';
import { heardSession } from './session.ts';

/** @throws {ApiError} */
export async function readSession(): Promise<void> {
  heardSession(await get<Session>(apiPath(['session'])));
}

/** @throws {ApiError} if the link or the password is refused */
export async function enter(
  credentials: { readonly link: string } | { readonly user: string; readonly password: string },
): Promise<void> {
  heardSession(await send<Session>('POST', apiPath(['session']), credentials));
}

/** @throws {ApiError} */
export async function leave(): Promise<void> {
  heardSession(await send<Session>('DELETE', apiPath(['session'])));
}
