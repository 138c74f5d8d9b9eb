/** The header of the messages that routes and neighbours come in (struct rt_msghdr of net/route.h). */

import { RTM_GET } from '../../native/darwin/constants.ts';

/*
 * Length u16, version u8, type u8, interface index u16 at 4, flags u32 at 8, addresses u32 at 12, then struct rt_metrics at
 * 36, which has the time of expiry at 12: i32 in seconds since 1970 UTC, 0 for never. 92 octets.
 */
export const ROUTE_LAYOUT = { type: RTM_GET, headerOctets: 92, addressesAt: 12 } as const;
export const ROUTE_AT = { index: 4, flags: 8, expiry: 48 } as const;
