/** Checks passwords one after the other: each takes memory and time, and so would many at once. */

import type { WebUser } from '../../inventory/config/web-config.ts';
import { hashPassword, verifyPassword } from '../../inventory/password-hash.ts';
import { newSecret } from './secret-token.ts';

const MOST_WAITING = 16;

export class PasswordCheck {
  private waiting = 0;
  private last: Promise<unknown> = Promise.resolve();
  /** Checked for unknown users: the time that an answer takes gives no user away. */
  private decoy: Promise<string> | undefined;

  /** Whether too many are waiting to take another one. */
  get isFull(): boolean {
    return this.waiting >= MOST_WAITING;
  }

  async isRight(password: string, user: WebUser | undefined): Promise<boolean> {
    this.waiting++;
    const checked = this.last.then(async () => {
      this.decoy ??= hashPassword(newSecret());
      const isRight = await verifyPassword(password, user?.passwordHash ?? (await this.decoy));
      return isRight && user !== undefined;
    });
    this.last = checked.catch(() => {});
    try {
      return await checked;
    } finally {
      this.waiting--;
    }
  }
}
