/** Hosts of local networks that the system keeps from this program, as macOS does without the permission for it. */

import type { BlockResults } from '../results/block-results.ts';
import { statusNumber } from '../results/outcome.ts';

/** What sending to them fails with. Gateways and what is behind them can be reached all the same. */
export const HIDDEN_ERRNO = 'EHOSTUNREACH';
const ERROR = statusNumber('error');

/** How many hosts of a block on a local network were refused in this way. */
export function hiddenHosts({ status, errno, errnos }: BlockResults): number {
  const number = 1 + errnos.indexOf(HIDDEN_ERRNO);
  if (number === 0) return 0;
  return status.reduce(
    (sum, each, host) => sum + Number(each === ERROR && errno[host] === number),
    0,
  );
}
