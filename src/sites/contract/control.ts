/** What the hub says to all agents of a site at once. */

import { encodeJson, MessageRefused, readJson, versionOf } from './message.ts';
import { isName } from './names.ts';
import { CONTRACT, OLDEST_CONTRACT } from './version.ts';

/** Chunks of this scan are no longer wanted. */
export interface Control {
  readonly cancel: string;
}

export function encodeControl({ cancel }: Control): Uint8Array {
  return encodeJson({ v: CONTRACT, cancel });
}

/** @throws MessageRefused */
export function decodeControl(octets: Uint8Array): Control {
  const message = readJson<'v' | 'cancel'>(octets);
  versionOf(message, OLDEST_CONTRACT, CONTRACT);
  const { cancel } = message;
  if (Object.keys(message).length === 2 && isName(cancel)) return { cancel };
  throw new MessageRefused('the message cancels no scan');
}
