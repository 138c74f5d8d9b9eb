/** Random secrets, and the digests of them that are kept. */

import { createHash, randomBytes } from 'node:crypto';

/** 256 random bits, in characters that need no escape in an address or a cookie. */
export function newSecret(): string {
  return randomBytes(32).toString('base64url');
}

/** What is kept of a secret: with so many random bits a plain digest cannot be guessed back. */
export function digestOf(secret: string): string {
  return createHash('sha256').update(secret).digest('base64url');
}
