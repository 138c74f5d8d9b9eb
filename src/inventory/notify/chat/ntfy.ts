/** A notice as ntfy takes it: plain text with a title and a priority, as JSON. */

import type { ChangeSeverity } from '../../host-memory.ts';
import type { Notice } from '../notice.ts';
import { fittedText, shortened } from './text-that-fits.ts';

const TITLE = 200;
/** Octets: longer messages become files, or are refused, from 4096 on; in JSON they may have twice as many. */
const MESSAGE = 3900;

/** From 1 to 5. */
const PRIORITIES: Readonly<Record<ChangeSeverity, number>> = { alarm: 4, notice: 3, info: 2 };

/** A topic's address is that of the server and the topic's name; messages in JSON go to the server. */
export function ntfyAddress(url: URL): { readonly server: URL; readonly topic: string } {
  const [, folder, topic] = /^(.*\/)([-\w]{1,64})$/.exec(url.pathname) ?? [];
  const server = new URL(url);
  server.pathname = folder ?? '/';
  return { server, topic: topic ?? '' };
}

export function ntfyBody(notice: Notice, topic: string): object {
  const octets = (line: string): number => Buffer.byteLength(JSON.stringify(line));
  const text = fittedText(notice, octets, MESSAGE);
  return {
    topic,
    title: shortened(notice.title, TITLE),
    message: text === '' ? notice.title : text,
    priority: PRIORITIES[notice.severity],
    ...(notice.severity === 'alarm' ? { tags: ['rotating_light'] } : {}),
  };
}
