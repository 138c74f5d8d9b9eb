/** A person, or a program of theirs, who uses the web interface. */

/** `edit` may do all that `view` may. */
export type Role = 'view' | 'edit';

/** How a person signed in. */
export type SignInWay = 'link' | 'password' | 'proxy' | 'oidc' | 'token';

export interface Person {
  readonly user: string;
  readonly role: Role;
  readonly way: SignInWay;
}

/** Whether the role of a person suffices. */
export function may({ role }: Person, needed: Role): boolean {
  return role === 'edit' || needed === 'view';
}
