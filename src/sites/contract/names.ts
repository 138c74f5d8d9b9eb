/** Names of sites, agents and scans, and what names a chunk: all of them become parts of subjects on the broker. */

import { SITE_NAME } from '../../results/site-facts.ts';

const CHUNK_NUMBER = /^(?:0|[1-9]\d{0,6})$/;

/** For messages: what a name may be. */
export const NAME_RULE =
  'use up to 63 lower-case letters, digits and hyphens, beginning with a letter or a digit';

/** An agent of a site. */
export interface AgentName {
  readonly site: string;
  readonly agent: string;
}

/** A chunk of a scan at a site. */
export interface ChunkName {
  readonly site: string;
  /** New for each sweep or scan. */
  readonly scan: string;
  /** Among the chunks of this scan at this site. */
  readonly chunk: number;
}

/** Whether this may name a site, an agent or a scan. */
export function isName(text: unknown): text is string {
  return typeof text === 'string' && SITE_NAME.test(text);
}

/** Whether this may be the number of a chunk. */
export function isChunkNumber(value: unknown): value is number {
  return typeof value === 'number' && CHUNK_NUMBER.test(String(value));
}

/** Reads the number of a chunk as a subject has it; undefined if it is not one. */
export function readChunkNumber(text: string): number | undefined {
  return CHUNK_NUMBER.test(text) ? Number(text) : undefined;
}
