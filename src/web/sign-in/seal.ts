/** Seals text that a client keeps for this process: nothing else can read it, change it, or make any. */

import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

const CIPHER = 'aes-256-gcm';
/** NIST SP 800-38D section 8.2.2: random, and new for each text. */
const IV_OCTETS = 12;
const TAG_OCTETS = 16;

export class Seal {
  private readonly key = randomBytes(32);

  /** @returns the text in characters that need no escape in a cookie */
  close(text: string): string {
    const iv = randomBytes(IV_OCTETS);
    const cipher = createCipheriv(CIPHER, this.key, iv, { authTagLength: TAG_OCTETS });
    const hidden = [cipher.update(text, 'utf8'), cipher.final()];
    return Buffer.concat([iv, cipher.getAuthTag(), ...hidden]).toString('base64url');
  }

  /** @returns undefined for what this seal did not close */
  open(sealed: string): string | undefined {
    const octets = Buffer.from(sealed, 'base64url');
    const textAt = IV_OCTETS + TAG_OCTETS;
    if (octets.length < textAt) return undefined;
    const iv = octets.subarray(0, IV_OCTETS);
    const cipher = createDecipheriv(CIPHER, this.key, iv, { authTagLength: TAG_OCTETS });
    cipher.setAuthTag(octets.subarray(IV_OCTETS, textAt));
    const text = cipher.update(octets.subarray(textAt));
    try {
      return Buffer.concat([text, cipher.final()]).toString('utf8');
    } catch {
      return undefined;
    }
  }
}
