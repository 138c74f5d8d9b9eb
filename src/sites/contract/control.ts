/** What the hub says to all agents of a site at once. */

import { encodeJson, MessageRefused, readJson, versionOf } from './message.ts';
import { isName } from './names.ts';
import { CONTRACT, OLDEST_CONTRACT } from './version.ts';

/**
 * Chunks of this scan are not wanted: `cancel` those that may still come as well, `pause` only those that are under way,
 * because the site has quiet hours now.
 */
export interface Control {
  readonly act: 'cancel' | 'pause';
  readonly scan: string;
}

export function encodeControl({ act, scan }: Control): Uint8Array {
  return encodeJson({ v: CONTRACT, [act]: scan });
}

/** @throws MessageRefused */
export function decodeControl(octets: Uint8Array): Control {
  const message = readJson<'v' | Control['act']>(octets);
  versionOf(message, OLDEST_CONTRACT, CONTRACT);
  const { cancel, pause } = message;
  if (Object.keys(message).length === 2) {
    if (isName(cancel)) return { act: 'cancel', scan: cancel };
    if (isName(pause)) return { act: 'pause', scan: pause };
  }
  throw new MessageRefused('the message neither cancels nor pauses a scan');
}
