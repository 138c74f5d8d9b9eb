/** `echosweep watch TARGET…`: from the arguments to a watch. */

import { optionInvalid } from '../../option-value.ts';
import { RECORD_FORMATS } from '../../report/formats.ts';
import { checkRecordReports } from '../../report/records.ts';
import { refuseTooManyEntries } from '../../report/registry.ts';
import { resolveSettings } from '../../settings.ts';
import { WATCH_SHAPE } from '../../watch/watch-shape.ts';
import { MOST_WATCHED_HOSTS } from '../../watch/watched-hosts.ts';
import { grouped } from '../../words.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { recordRequests, standardOutputOf } from '../reports.ts';
import { type LineOf, runnable, subcommand } from '../subcommand.ts';
import { readTargets } from '../target-input.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';
import { unresolvedLines } from '../unresolved-lines.ts';
import { readSpan, usualTimeoutMs, WATCH_ROWS } from './watch-options.ts';
import { WatchSession } from './watch-session.ts';

const WATCH = subcommand({
  name: 'watch',
  usage: '<target...>',
  takes: [0, Number.POSITIVE_INFINITY],
  description:
    'Sweeps the targets again and again, and shows loss, round-trip times, jitter and changes of each host: ' +
    'on a screen, or as a line per change if the output is not a terminal. With -o, it writes a report at the end.',
  options: WATCH_ROWS,
  notes: `Spans are written 500ms, 1.5s, 10m, 2h or 1d; a plain number is seconds.

Keys on the screen:
  a l r j c  sort by address, loss, median RTT, jitter or changes; again: the other way round
  s          hide or show hosts that have never replied
  space      pause or go on
  arrows, PageUp, PageDown, Home, End  scroll
  q          end

Exit codes:
  0  ended by q, --duration or --rounds    4    the system refused
  2  a name could not be resolved          5    a round may be unreliable
  3  the command line is wrong             129, 130, 143  ended by a signal, with the report
`,
});
/** `echosweep watch`. */
export const watchCommand = runnable(WATCH, runWatch);

/** @throws EchosweepError for whatever keeps the first round from its beginning */
async function runWatch(
  { args, values }: LineOf<typeof WATCH>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const {
    interval,
    duration,
    rounds = Number.POSITIVE_INFINITY,
    downAfter,
    sort,
    files,
    excludeFiles,
    local,
    outputs,
    format,
    columns,
    csvProfile,
    csvDelimiter,
    csvDecimal,
    quiet,
    ...sweep
  } = values;
  const intervalMs = readSpan('interval', interval);
  const durationMs =
    duration === undefined ? Number.POSITIVE_INFINITY : readSpan('duration', duration);
  const options = {
    ...sweep,
    canary: false as const,
    targets: args,
  };
  // A host that has left must not cost each round the three seconds for which a sweep looks for it.
  const settings = { ...resolveSettings(options), leastDiscoveryMs: 0 };
  const stdout = standardOutputOf(surroundings);
  const requests = outputs === undefined ? [] : recordRequests(values);
  await checkRecordReports(WATCH_SHAPE, requests, stdout);
  const targets = await readTargets({ sweep: options, command: values }, settings, surroundings);
  printWords(surroundings, [
    ...(quiet ? [] : targets.localNetworks),
    ...[...targets.fileNotes, ...targets.notes].map((note) => `note: ${note}`),
    ...unresolvedLines(targets.unresolved),
  ]);
  if (targets.count === 0) {
    printWords(surroundings, [errorLine('nothing is left to watch: correct the names')]);
    return EXIT.unresolvedName;
  }
  if (targets.count > MOST_WATCHED_HOSTS) {
    throw optionInvalid(
      `watch: ${grouped(targets.count)} hosts are too many, ${grouped(MOST_WATCHED_HOSTS)} are the most`,
      'name smaller subnets',
    );
  }
  refuseTooManyEntries(targets.count, requests, stdout, RECORD_FORMATS);
  const session = new WatchSession(
    {
      intervalMs,
      durationMs,
      rounds,
      downAfter,
      sort,
      quiet,
      requests,
      mayReadKeys: ![...(files ?? []), ...(excludeFiles ?? [])].includes('-'),
    },
    {
      settings: {
        ...settings,
        timeoutMs: sweep.timeoutMs ?? usualTimeoutMs(intervalMs, targets.count, settings),
      },
      targets,
      command: 'echosweep watch',
    },
    surroundings,
  );
  return session.run(targets.unresolved.length > 0);
}
