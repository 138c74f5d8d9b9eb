/** Why a sweep did not start, in fping's words. */

import type { EchosweepError } from '../../errors.ts';
import { safeText } from '../../words.ts';
import { FPING_EXIT, FpingEnded } from './ended.ts';
import { systemWords } from './system-words.ts';

/** What fping would have ended with. */
export function startFailure({ code, problem, message }: EchosweepError): FpingEnded {
  const errno = / \((E[A-Z]+)\)$/.exec(problem)?.[1];
  if (problem.startsWith('--interface') && errno !== undefined) {
    // The spelling is fping's.
    const line = `binding to specific interface (SO_BINTODEVICE): ${systemWords(errno)}`;
    return new FpingEnded(`${line}\n`, FPING_EXIT.unreachable);
  }
  const words =
    problem.startsWith('--source') && errno !== undefined
      ? `cannot bind source address : ${systemWords(errno)}`
      : code === 'NO_ENGINE'
        ? `can't create socket (must run as root?)`
        : safeText(message);
  return new FpingEnded(`fping: ${words}\n`, FPING_EXIT.systemFailure);
}
