/** The sessions of browsers: in memory, bounded, and known by digests alone. */

import { MS_A_DAY, MS_AN_HOUR } from '../../durations.ts';
import { digestOf, newSecret } from './secret-token.ts';

const IDLE_MS = 12 * MS_AN_HOUR;
const LONGEST_MS = 7 * MS_A_DAY;
const MOST_SESSIONS = 1_000;

interface Session<Holder> {
  readonly holder: Holder;
  readonly beganAtMs: number;
  usedAtMs: number;
}

export class Sessions<Holder> {
  /** By the digest of the cookie; the one used longest ago first. */
  private readonly byDigest = new Map<string, Session<Holder>>();
  private readonly nowMs: () => number;

  /** @param nowMs a clock that a test may move */
  constructor(nowMs: () => number = Date.now) {
    this.nowMs = nowMs;
  }

  /** @returns the secret for the cookie: always a new one, so no client can choose it */
  begin(holder: Holder): string {
    const secret = newSecret();
    const nowMs = this.nowMs();
    this.byDigest.set(digestOf(secret), { holder, beganAtMs: nowMs, usedAtMs: nowMs });
    if (this.byDigest.size > MOST_SESSIONS) {
      const [oldest] = this.byDigest.keys();
      this.byDigest.delete(oldest!);
    }
    return secret;
  }

  /** @returns undefined for a session that is unknown or over */
  holderOf(secret: string): Holder | undefined {
    const digest = digestOf(secret);
    const session = this.byDigest.get(digest);
    if (session === undefined) return undefined;
    this.byDigest.delete(digest);
    const nowMs = this.nowMs();
    if (nowMs - session.usedAtMs > IDLE_MS || nowMs - session.beganAtMs > LONGEST_MS) {
      return undefined;
    }
    session.usedAtMs = nowMs;
    this.byDigest.set(digest, session);
    return session.holder;
  }

  end(secret: string): void {
    this.byDigest.delete(digestOf(secret));
  }
}
