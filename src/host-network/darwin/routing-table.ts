/** Fetches macOS' tables of routes, neighbours and interfaces (sysctl(3), PF_ROUTE). */

import { CTL_NET, ENOMEM, PF_ROUTE } from '../../native/darwin/constants.ts';
import { lastErrno, sysctl } from '../../native/darwin/libc.ts';

/** The table may grow between the call for its size and the call for its messages. */
const TRIES = 4;
const SPARE_SHARE = 8;

/** A table in one piece; empty if the system does not show it. @param domain 0 for every family @param argument such as flags */
export function routingTable(domain: number, operation: number, argument: number): DataView {
  const name = new Int32Array([CTL_NET, PF_ROUTE, 0, domain, operation, argument]);
  const length = new BigUint64Array(1);
  for (let tries = 0; tries < TRIES; tries++) {
    if (sysctl(name, name.length, null, length, null, 0) !== 0 || length[0] === 0n) break;
    const octets = Number(length[0]);
    const buffer = new Uint8Array(octets + Math.ceil(octets / SPARE_SHARE));
    length[0] = BigInt(buffer.length);
    if (sysctl(name, name.length, buffer, length, null, 0) === 0)
      return new DataView(buffer.buffer, 0, Number(length[0]));
    if (lastErrno() !== ENOMEM) break;
  }
  return new DataView(new ArrayBuffer(0));
}
