/** The reader: signed in or not, and what they may do. */

import { batch, computed, signal } from '@preact/signals';
import type { Session } from './answers.ts';
import { keepDraftsOf } from './drafts.ts';

const said = signal<Session | undefined>(undefined);

/** As the server said last; undefined before it has. */
export const session = computed(() => said.value);
/** Another one for each person who signs in; undefined without. */
export const reader = computed(() => {
  const { user = null, sign_in: way } = said.value ?? {};
  return user === null ? undefined : `${way} ${user}`;
});
export const isSignedIn = computed(() => reader.value !== undefined);
export const mayEdit = computed(() => said.value?.role === 'edit');
/** Whether agents of sites scan networks. */
export const hasSites = computed(() => (said.value?.sites ?? 0) > 0);
export const mayScan = computed(() => said.value?.can_scan === true);

/** To be called with what the server says. */
export function heardSession(session: Session): void {
  batch(() => {
    said.value = session;
    if (reader.value !== undefined) keepDraftsOf(reader.value);
  });
}

/** To be called when the server refuses a request for want of a session. */
export function signedOut(): void {
  const last = said.peek();
  if (last?.user != null) said.value = { ...last, user: null, role: null, can_scan: false };
}
