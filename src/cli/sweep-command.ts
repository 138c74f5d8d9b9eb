/** `echosweep TARGET…`: from the arguments to a sweep, its plan or the help. */

import { optionInvalid } from '../option-value.ts';
import { PACKAGE_VERSION } from '../package-version.ts';
import { checkReports } from '../report/registry.ts';
import { resolveRdnsTimeoutMs, resolveSettings } from '../settings.ts';
import { planSweep } from '../sweep.ts';
import type { UnresolvedName } from '../targets/target-set.ts';
import { helpText, parseCommandLine } from './command-line.ts';
import { formatPlan } from './dry-run.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { MOST_LIVE_TARGETS } from './live-map.ts';
import { grouped } from './progress.ts';
import { reportRequests, standardOutputOf } from './reports.ts';
import { SweepSession } from './sweep-session.ts';
import { readTargets } from './target-input.ts';
import { errorLine, printData, printWords, type Surroundings, widthOf } from './terminal.ts';

/** Lines of help are no longer, however wide the terminal. */
const WIDEST_HELP = 100;

/**
 * @param args without the program's name
 * @throws EchosweepError for whatever keeps the sweep from running to its end
 */
export async function sweepCommand(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const line = parseCommandLine(args);
  const { sweep, command } = line;
  if (command.help) {
    await printData(surroundings, helpText(Math.min(WIDEST_HELP, widthOf(surroundings.stdout))));
    return EXIT.ok;
  }
  if (command.version) {
    await printData(surroundings, `${PACKAGE_VERSION}\n`);
    return EXIT.ok;
  }
  const settings = resolveSettings(sweep);
  const rdnsTimeoutMs = resolveRdnsTimeoutMs(sweep);
  const stdout = standardOutputOf(surroundings);
  checkReports(reportRequests(command, stdout), stdout);
  const targets = await readTargets(line, settings, surroundings.stdin);
  const hasUnresolvedNames = targets.unresolved.length > 0;
  printWords(surroundings, [
    ...targets.notes.map((note) => `note: ${note}`),
    ...targets.unresolved.map(unresolvedLine),
  ]);
  if (targets.count === 0) {
    printWords(surroundings, [errorLine('nothing is left to sweep: correct the names')]);
    return EXIT.unresolvedName;
  }
  if (command.live && targets.count > MOST_LIVE_TARGETS) {
    throw optionInvalid(
      `--live: ${grouped(targets.count)} targets are too many for a map`,
      'leave it out',
    );
  }
  if (command.dryRun) {
    const lines = formatPlan(settings, targets.ranges, await planSweep(settings, targets));
    await printData(surroundings, lines.map((words) => `${words}\n`).join(''));
    return hasUnresolvedNames ? EXIT.unresolvedName : EXIT.ok;
  }
  const planned = {
    settings,
    targets,
    command: commandText(args),
    ...(rdnsTimeoutMs === undefined ? {} : { rdnsTimeoutMs }),
  };
  return new SweepSession(command, surroundings).run(planned, hasUnresolvedNames);
}

function unresolvedLine({ name, where, reason }: UnresolvedName): string {
  return errorLine(`${where}: ${name} ${reason}; skipped`);
}

/** The command line as a shell would take it again. */
export function commandText(args: readonly string[]): string {
  const quoted = args.map((arg) =>
    /^[\w@%+=:,./-]+$/.test(arg) ? arg : `'${arg.replaceAll("'", "'\\''")}'`,
  );
  return ['echosweep', ...quoted].join(' ');
}
