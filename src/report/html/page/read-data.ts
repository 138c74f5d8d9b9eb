/** The page's data, inflated from the blocks that lie behind the markup. */

import type { PageData } from '../page-data.ts';

export async function readData(): Promise<PageData> {
  const octets = await inflated('data');
  return JSON.parse(new TextDecoder().decode(octets)) as PageData;
}

/** 256 octets per subnet; undefined if the page has none. */
export function readCells(): Promise<Uint8Array> | undefined {
  return document.getElementById('cells') === null ? undefined : inflated('cells');
}

async function inflated(id: string): Promise<Uint8Array> {
  const block = document.getElementById(id)!;
  const packed = Uint8Array.from(atob(block.textContent), (character) => character.charCodeAt(0));
  block.remove();
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}
