/** Links that sign in once: everyone who can read the terminal of the server may use its page. */

import { MS_AN_HOUR } from '../../durations.ts';
import { digestOf, newSecret } from './secret-token.ts';

const VALID_MS = MS_AN_HOUR;
const MOST_LINKS = 16;

export class OneTimeLinks {
  /** When each is over, by its digest; the oldest first. */
  private readonly endsAtMs = new Map<string, number>();
  private readonly nowMs: () => number;

  /** @param nowMs a clock that a test may move */
  constructor(nowMs: () => number = Date.now) {
    this.nowMs = nowMs;
  }

  /** @returns the secret of a new link */
  issue(): string {
    const secret = newSecret();
    this.endsAtMs.set(digestOf(secret), this.nowMs() + VALID_MS);
    if (this.endsAtMs.size > MOST_LINKS) {
      const [oldest] = this.endsAtMs.keys();
      this.endsAtMs.delete(oldest!);
    }
    return secret;
  }

  /** @returns whether it was a valid link; from now on it is not */
  redeem(secret: string): boolean {
    const digest = digestOf(secret);
    const endsAtMs = this.endsAtMs.get(digest);
    this.endsAtMs.delete(digest);
    return endsAtMs !== undefined && this.nowMs() <= endsAtMs;
  }
}
