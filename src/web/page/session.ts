/** The reader: signed in or not, and what they may do. */

import { computed, signal } from '@preact/signals';
import type { Session } from './answers.ts';
import { apiPath, get, send } from './api.ts';

/** As the server said last; undefined before it has. */
export const session = signal<Session | undefined>(undefined);
export const isSignedIn = computed(() => typeof session.value?.user === 'string');
export const mayEdit = computed(() => session.value?.role === 'edit');
/** Whether agents of sites scan networks. */
export const hasSites = computed(() => (session.value?.sites ?? 0) > 0);
export const mayScan = computed(() => session.value?.can_scan === true);

/** @throws {ApiError} */
export async function readSession(): Promise<void> {
  session.value = await get<Session>(apiPath(['session']));
}

/** @throws {ApiError} if the link or the password is refused */
export async function enter(
  credentials: { readonly link: string } | { readonly user: string; readonly password: string },
): Promise<void> {
  session.value = await send<Session>('POST', apiPath(['session']), credentials);
}

/** @throws {ApiError} */
export async function leave(): Promise<void> {
  session.value = await send<Session>('DELETE', apiPath(['session']));
}

/** To be called when the server refuses a request for want of a session. */
export function signedOut(): void {
  const last = session.peek();
  if (last?.user != null) session.value = { ...last, user: null, role: null, can_scan: false };
}
