/** Where pages for the browser may go, and how they get there. */

import { optionInvalid } from '../option-value.ts';
import { isStandardOutput, openOutput } from '../report/registry.ts';
import { standardOutputOf } from './reports.ts';
import { printData, type Streams } from './terminal.ts';

/**
 * The places from the options, standard output by default.
 * @throws EchosweepError OPTION_INVALID if one is not for pages
 */
export function pagePlaces(
  outputs: readonly string[] | undefined,
  streams: Streams,
): readonly string[] {
  const places = outputs ?? ['-'];
  for (const place of places) refusePlace(place, streams);
  return places;
}

/** @throws EchosweepError OUTPUT_FAILED */
export async function writePage(
  document: string,
  places: readonly string[],
  streams: Streams,
): Promise<void> {
  for (const place of places) {
    if (isStandardOutput(place)) {
      await printData(streams, document);
      continue;
    }
    const output = await openOutput(place, standardOutputOf(streams));
    await output.write(document);
    await output.commit();
  }
}

function refusePlace(place: string, streams: Streams): void {
  if (isStandardOutput(place) && streams.stdout.isTTY === true) {
    throw optionInvalid('a page is not for the terminal', 'write -o report.html');
  }
  if (!isStandardOutput(place) && !place.startsWith('/dev/') && !/\.html$/i.test(place)) {
    throw optionInvalid('only pages are written here', `end ${place} in .html`);
  }
}
