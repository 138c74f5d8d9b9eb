/** Rows of reports as sightings. */

import type { ReportedHost } from '../report/read-csv.ts';
import type { Sighting } from './host-memory.ts';

/** A row of a report without responders: an empty cell would mean that the host itself answered. */
export function withoutResponder(
  host: ReportedHost,
): Omit<ReportedHost, 'responder'> & Pick<Sighting, 'responder'> {
  return host.status === 'unreachable' ? { ...host, responder: undefined } : host;
}
