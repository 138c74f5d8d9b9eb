/** `echosweep fping`: the arguments, the output and the exit codes of fping 5, on echosweep's own engines. */

import type { ExitCode } from '../exit-codes.ts';
import { type Runnable, subcommand } from '../subcommand.ts';
import type { Surroundings } from '../terminal.ts';
import { parseArguments } from './arguments.ts';
import { FPING_EXIT, FpingEnded } from './ended.ts';
import { FpingSession } from './fping-session.ts';
import { FPING_OPTIONS, optionSpec } from './options.ts';
import { type FpingResolvers, readTargets, systemResolvers } from './targets.ts';

const FPING = subcommand({
  name: 'fping',
  usage: '[targets...]',
  takes: [0, Number.POSITIVE_INFINITY],
  description:
    'Takes the arguments of fping 5 and prints what fping prints, for programs that call it; ' +
    'a link to echosweep that is named fping does the same. ' +
    '[Options and differences](integrations/fping.md).',
  options: [],
  ownOptions: FPING_OPTIONS.map(optionSpec),
});

/** `echosweep fping`; its options are those of fping, so the parser of the other commands has no part in it. */
export const fpingCommand: Runnable = {
  commands: [FPING],
  run: (args, surroundings) => runFping(args, surroundings),
};

/** @param args as fping takes them @param resolvers take the place of this system's */
export async function runFping(
  args: readonly string[],
  surroundings: Surroundings,
  resolvers: FpingResolvers = systemResolvers(),
): Promise<ExitCode> {
  const startedMs = performance.now();
  try {
    const call = parseArguments(args);
    const { options } = call;
    const { targets, complaints } = await readTargets(call, surroundings.stdin, resolvers);
    if (!options.quiet) surroundings.stderr.write(complaints.join(''));
    if (targets.length === 0) {
      return complaints.length > 0 ? FPING_EXIT.noAddress : FPING_EXIT.unreachable;
    }
    const session = new FpingSession(options, targets, surroundings);
    return await session.run(complaints.length, startedMs);
  } catch (error) {
    if (!(error instanceof FpingEnded)) throw error;
    surroundings[error.stream].write(error.text);
    return error.code;
  }
}
