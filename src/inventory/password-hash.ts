/** Hashes of passwords: scrypt (RFC 7914), written as a PHC string. */

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** About 32 MiB of memory and a tenth of a second: dear to guess, cheap to sign in. */
const COST = { ln: 15, r: 8, p: 3 } as const;
const SALT_OCTETS = 16;
const KEY_OCTETS = 32;
const MEMORY_OCTETS = 256 * 1024 * 1024;

const PHC =
  /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,2}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{27,86})$/;

/** What a hash says of itself. */
interface Parsed {
  readonly ln: number;
  readonly r: number;
  readonly p: number;
  readonly salt: Buffer;
  readonly key: Buffer;
}

/** Such as `$scrypt$ln=15,r=8,p=3$SALT$KEY`. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_OCTETS);
  const key = await derive(password, { ...COST, salt, key: Buffer.alloc(KEY_OCTETS) });
  const { ln, r, p } = COST;
  return `$scrypt$ln=${ln},r=${r},p=${p}$${unpadded(salt)}$${unpadded(key)}`;
}

/** Whether it is a hash that can be checked here in reasonable time and memory. */
export function isPasswordHash(text: string): boolean {
  return parse(text) !== undefined;
}

/** @param hash a valid one */
export async function verifyPassword(password: string, hash: string): Promise<boolean> {
  const parsed = parse(hash);
  return parsed !== undefined && timingSafeEqual(await derive(password, parsed), parsed.key);
}

function parse(text: string): Parsed | undefined {
  const [, ln, r, p, salt, key] = PHC.exec(text) ?? [];
  const parsed = {
    ln: Number(ln),
    r: Number(r),
    p: Number(p),
    salt: Buffer.from(salt ?? '', 'base64'),
    key: Buffer.from(key ?? '', 'base64'),
  };
  const isCostly = parsed.ln >= 14 && parsed.r >= 8 && parsed.p >= 1;
  const isBearable = parsed.p <= 16 && 128 * parsed.r * 2 ** parsed.ln <= MEMORY_OCTETS / 2;
  return isCostly && isBearable ? parsed : undefined;
}

function derive(password: string, { ln, r, p, salt, key }: Parsed): Promise<Buffer> {
  const options = { N: 2 ** ln, r, p, maxmem: MEMORY_OCTETS };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFC'), salt, key.length, options, (error, derived) =>
      error === null ? resolve(derived) : reject(error),
    );
  });
}

/** PHC strings have no padding. */
function unpadded(octets: Buffer): string {
  return octets.toString('base64').replace(/=+$/, '');
}
