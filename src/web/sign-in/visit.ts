/** One client's sign-in, as the routes of the session see it. */

import type { Person, SignInWay } from './person.ts';

/** What a person signs in with. */
export type Credentials = { readonly link: string };

/** The sign-in behind one request. */
export interface Visit {
  /** Undefined before sign-in. */
  readonly person: Person | undefined;
  /** Ways to sign in here. */
  readonly ways: readonly SignInWay[];
  /** Signs in, and gives the client a new session. @throws ApiError */
  signIn(credentials: Credentials): Promise<Person>;
  /** Ends the client's session. */
  signOut(): void;
}
