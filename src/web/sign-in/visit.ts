/** One client's sign-in, as the routes see it. */

import type { Person, SignInWay } from './person.ts';

/** What a person signs in with. */
export type Credentials =
  | { readonly link: string }
  | { readonly user: string; readonly password: string };

/** The sign-in behind one request. */
export interface Visit {
  /** Undefined before sign-in. */
  readonly person: Person | undefined;
  /** The client's address. */
  readonly client: string;
  /** Ways to sign in here. */
  readonly ways: readonly SignInWay[];
  /** Signs in, and gives the client a new session. @throws ApiError */
  signIn(credentials: Credentials): Promise<Person>;
  /** Ends the client's session. */
  signOut(): void;
  /** The person now, for an answer that lasts: undefined as soon as they may no longer read it. */
  stillSignedIn(): Person | undefined;
}
