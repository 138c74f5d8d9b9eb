/** What a map draws: its members with their colours and stories. */

import type { AddressIndex } from './address-index.ts';
import type { Paint } from './scale.ts';

export interface MapModel {
  readonly index: AddressIndex;
  /** By member. */
  readonly paints: ArrayLike<Paint>;
  /** What a member is. */
  readonly noun: 'address' | 'subnet';
  title(member: number): string;
  lines(member: number): readonly string[];
}
