/** `echosweep agent`: sweeps at a site what a hub wants swept there, until a signal stops it. */

import { number, text } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import { Agent, type AgentEvent } from '../sites/agent.ts';
import { AllowedTargets } from '../sites/allowed-targets.ts';
import { readJoinFile } from '../sites/join-file.ts';
import { runSweep } from '../sweep.ts';
import { SYSTEM_CLOCK } from './agent-clock.ts';
import { sharedOptions } from './command-options.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { type ServiceNotice, serviceNotice } from './service-notice.ts';
import { SweepSignals } from './signals.ts';
import { type LineOf, runnable, subcommand } from './subcommand.ts';
import { errorLine, printWords, type Surroundings } from './terminal.ts';

const REPEATABLE = { isRepeatable: true } as const;

const AGENT = subcommand({
  name: 'agent',
  usage: '',
  takes: [0, 0],
  description:
    'Connects to a hub, takes parts of its scans, sweeps them here and sends the results, until SIGTERM or SIGINT. ' +
    'It connects again for as long as it takes. It notifies systemd when it is ready, and feeds its watchdog.',
  options: [
    text('join', '--join <file>', 'The file that echosweep hub add made for this agent.', {
      isPath: true,
    }),
    text('allow', '--allow <subnet>', 'Probe only addresses in it, whatever the hub wants.', {
      ...REPEATABLE,
      otherwise: 'all',
    }),
    text('deny', '--deny <subnet>', 'Never probe addresses in it, whatever the hub wants.', {
      ...REPEATABLE,
      otherwise: 'none',
    }),
    number('maxRatePps', '--max-rate <n>', 'Probes a second at most, whatever the hub wants.', {
      isFractional: true,
      unit: 'probes a second',
      from: 0.1,
      to: 10_000_000,
      otherwise: 'as many as the hub wants',
    }),
    number('chunks', '--chunks <n>', 'Parts of scans to sweep at once.', {
      from: 1,
      to: 16,
      default: 2,
    }),
    ...sharedOptions('quiet'),
  ],
  notes: `Exit codes:
  0  a signal stopped it           4  the hub refuses its key for good
  3  the command line or the join file is wrong
`,
});

/** `echosweep agent`. */
export const agentCommand = runnable(AGENT, runAgent);

/** @throws EchosweepError CONFIG_INVALID, OPTION_INVALID, TARGET_INVALID or BROKER_REFUSED */
async function runAgent(
  { values }: LineOf<typeof AGENT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { join, allow = [], deny = [], maxRatePps, chunks, quiet } = values;
  if (join === undefined) {
    throw optionInvalid('--join is missing', 'name the file that echosweep hub add made');
  }
  const file = readJoinFile(join);
  const allowed = new AllowedTargets(allow, deny);
  const notice = await serviceNotice(surroundings.env);
  // Loaded only here: other commands start sooner without it.
  const { NatsAgent } = await import('../sites/nats/nats-agent.ts');
  const signals = new SweepSignals(surroundings.signals, {
    onStop: () => notice.stopping(),
    onStopAtOnce: () => surroundings.exit(EXIT.interrupted),
  });
  const agent = new Agent(file, new NatsAgent(file, file), {
    rules: { allowed, mostRatePps: (maxRatePps ?? Number.POSITIVE_INFINITY) / chunks },
    slots: chunks,
    sweep: runSweep,
    clock: SYSTEM_CLOCK,
    onEvent: (event) => {
      printWords(surroundings, linesAbout(event, quiet));
      notify(notice, event);
    },
  });
  try {
    notice.ready();
    await agent.run(signals.signal);
  } finally {
    signals.release();
  }
  return EXIT.ok;
}

/** @param isQuiet whether only problems are worth a line */
function linesAbout(event: AgentEvent, isQuiet: boolean): string[] {
  switch (event.type) {
    case 'connected':
      return [errorLine('connected to the hub')];
    case 'disconnected':
      return [errorLine(`not connected: ${event.why}; trying again`)];
    case 'problem':
      return [errorLine(event.message)];
    case 'chunk-ended':
      return isQuiet ? [] : [errorLine(`${event.what}: ${event.how}`)];
    default:
      return [];
  }
}

/** Passes on what a service manager shows. */
function notify(notice: ServiceNotice, event: AgentEvent): void {
  if (event.type === 'connected') notice.status('connected to the hub');
  if (event.type === 'disconnected') notice.status(`not connected: ${event.why}`);
  if (event.type === 'chunk-started') notice.status(`sweeping ${event.what}`);
  if (event.type === 'chunk-ended') notice.status(`swept ${event.what}`);
}
