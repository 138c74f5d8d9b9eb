/** Rows of reports as sightings. */

import type { ReportedHost } from '../report/read-csv.ts';
import type { Sighting } from './host-memory.ts';

/** A row of a report that does not say who answered: an empty cell would say that the host itself did. */
export function withoutResponder(
  host: ReportedHost,
): Omit<ReportedHost, 'responder'> & Pick<Sighting, 'responder'> {
  return host.status === 'unreachable' ? { ...host, responder: undefined } : host;
}
