/** Lets the server know that the agents of a hub have changed, and says what came of it. */

import { HUB_SOCKET, notifyHub } from '../../sites/hub/hub-control.ts';
import type { HubFolder } from '../../sites/hub/hub-folder.ts';

/** @returns what the user has to know or do @throws EchosweepError HUB_FAILED, CONFIG_INVALID or OUTPUT_FAILED */
export async function applyChange(hub: HubFolder): Promise<string> {
  if (hub.server === undefined) {
    return `reload your NATS server now: it reads ${hub.writeUsers()}`;
  }
  return (await notifyHub(hub.file(HUB_SOCKET))) === 'applied'
    ? 'the hub that runs knows it'
    : 'the hub does not run; it will know it when it starts';
}
