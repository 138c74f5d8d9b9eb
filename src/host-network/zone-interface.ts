/** Which interfaces IPv6 zones mean (RFC 4007 section 11). */

/** The interface that a zone means. */
export interface ZoneInterface {
  readonly index: number;
  /** Its own name; that of the zone if it has no IPv6 address to find it by. */
  readonly name: string;
}

/** By zone. */
export type ZoneInterfaces = ReadonlyMap<string, ZoneInterface>;
