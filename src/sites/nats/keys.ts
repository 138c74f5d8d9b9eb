/** The keys with which programs prove to the broker who they are: it knows the public half only. */

import { createUser, fromSeed } from '@nats-io/nkeys';

interface KeyPair {
  /** The secret half, for its owner only. */
  readonly seed: string;
  readonly publicKey: string;
}

/** A new key. */
export function newKeyPair(): KeyPair {
  const pair = createUser();
  return { seed: Buffer.from(pair.getSeed()).toString('latin1'), publicKey: pair.getPublicKey() };
}

/** The public half of a key. @throws Error if it is not a seed */
export function publicKeyOf(seed: string): string {
  return fromSeed(Buffer.from(seed, 'latin1')).getPublicKey();
}
