/** `echosweep TARGET…`: from the arguments to a sweep, its plan or the help. */

import { optionInvalid } from '../option-value.ts';
import { checkReports, refuseTooManyEntries } from '../report/registry.ts';
import { resolveSettings } from '../settings.ts';
import { grouped } from '../words.ts';
import { type CommandLine, helpText, parseCommandLine } from './command-line.ts';
import { COMMANDS } from './command-table.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { mayHaveNames, prepareForLookUps } from './look-up-threads.ts';
import { nearWord } from './near-word.ts';
import { reportRequests, standardOutputOf } from './reports.ts';
import { bourneQuoted } from './shell-words.ts';
import { siteNamesOf } from './sites/site-names.ts';
import { printVersion } from './subcommand.ts';
import { type PlannedSweep, SweepSession } from './sweep-session.ts';
import { readTargets } from './target-input.ts';
import { errorLine, helpWidthOf, printData, printWords, type Surroundings } from './terminal.ts';
import { unresolvedLines } from './unresolved-lines.ts';

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
    await printData(surroundings, helpText(helpWidthOf(surroundings.stdout)));
    return EXIT.ok;
  }
  if (command.version) return printVersion(surroundings);
  refuseCommandAsTarget(sweep.targets);
  if (mayHaveNames(line)) prepareForLookUps();
  const settings = resolveSettings(sweep);
  const stdout = standardOutputOf(surroundings);
  const siteNames = siteNamesOf(command);
  const hasSites = command.sites !== undefined;
  const requests = reportRequests({ ...command, hasSites }, stdout);
  await checkReports(requests, stdout);
  const targets = await readTargets(line, settings, surroundings);
  const hasUnresolvedNames = targets.unresolved.length > 0;
  printWords(surroundings, [
    ...(command.quiet ? [] : targets.localNetworks),
    ...targets.fileNotes.map((note) => `note: ${note}`),
    ...unresolvedLines(targets.unresolved),
  ]);
  if (targets.count === 0 && command.dryRun) {
    printWords(surroundings, [errorLine('nothing is left to sweep: correct the names')]);
    return EXIT.unresolvedName;
  }
  const rows = targets.count * (hasSites ? siteNames.length : 1) + targets.unresolved.length;
  refuseTooManyEntries(rows, requests, stdout);
  if (siteNames.length > 0) {
    const planned = { settings, targets, command: commandText(args) };
    const { sweepSites } = await import('./sites/sweep-sites.ts');
    return sweepSites(planned, siteNames, command, surroundings, hasUnresolvedNames);
  }
  const resumed =
    command.resume === undefined
      ? undefined
      : await (await import('./resumed-sweep.ts')).resumeFrom(
          command.resume,
          targets,
          settings,
          requests,
          stdout,
        );
  try {
    return await sweepOrPlan(
      {
        settings,
        targets: resumed?.targets ?? targets,
        command: commandText(args),
        ...(resumed === undefined ? {} : { earlier: resumed.earlier }),
      },
      line,
      surroundings,
      hasUnresolvedNames,
    );
  } finally {
    await resumed?.close();
  }
}

async function sweepOrPlan(
  planned: PlannedSweep,
  { command }: CommandLine,
  surroundings: Surroundings,
  hasUnresolvedNames: boolean,
): Promise<ExitCode> {
  const { settings, targets, earlier } = planned;
  if (command.live) await refuseTooLargeMap(targets.count);
  if (command.dryRun) {
    printWords(
      surroundings,
      targets.notes.map((note) => `note: ${note}`),
    );
    const [{ formatPlan, resumeLine }, { planSweep }] = await Promise.all([
      import('./dry-run.ts'),
      import('../sweep-plan.ts'),
    ]);
    const lines = [
      ...formatPlan(settings, targets.ranges, await planSweep(settings, targets)),
      ...(earlier === undefined ? [] : [resumeLine(earlier)]),
    ];
    await printData(surroundings, lines.map((words) => `${words}\n`).join(''));
    return hasUnresolvedNames ? EXIT.unresolvedName : EXIT.ok;
  }
  return new SweepSession(command, surroundings).run(planned, hasUnresolvedNames);
}

async function refuseTooLargeMap(targets: number): Promise<void> {
  const { MOST_LIVE_TARGETS } = await import('./live-map.ts');
  if (targets <= MOST_LIVE_TARGETS) return;
  throw optionInvalid(`--live: ${grouped(targets)} targets are too many for a map`, 'leave it out');
}

const REPORT_NAME = /\.(csv|jsonl|xml)$/i;

/** A command behind options, or a misspelt one, would pass for the name of a host, and its letters would go to a name server. */
function refuseCommandAsTarget(targets: readonly string[]): void {
  const [first] = targets;
  if (first === undefined) return;
  const commands = [...COMMANDS.map(({ name }) => name), 'help', 'version'];
  const asHost = `A host of that name is written with a dot, ${first}.`;
  if (commands.includes(first)) {
    throw optionInvalid(
      `the command ${first} has to come first`,
      `write echosweep ${first} and its options after that. ${asHost}`,
    );
  }
  // Among hosts it may be one too. Reports are what commands read.
  if (targets.some((target) => /[.:/%-]/.test(target) && !REPORT_NAME.test(target))) return;
  const meant = nearWord(first, commands);
  if (meant === undefined) return;
  throw optionInvalid(
    `${JSON.stringify(first)} is not a command`,
    `did you mean echosweep ${meant}? ${asHost}`,
  );
}

/** The command line as a shell would take it again. */
export function commandText(args: readonly string[]): string {
  const quoted = args.map((arg) => (/^[\w@%+=:,./-]+$/.test(arg) ? arg : bourneQuoted(arg)));
  return ['echosweep', ...quoted].join(' ');
}
