/** `echosweep inventory …`: its commands, and which is meant. */

import { Help } from 'commander';
import { optionInvalid } from '../option-value.ts';
import { EXIT, type ExitCode } from './exit-codes.ts';
import { CHECK, checkCommand, SCHEMA, schemaCommand } from './inventory-check.ts';
import { EXPORT, exportCommand, HOSTS, hostsCommand } from './inventory-hosts.ts';
import { INIT, initCommand } from './inventory-init.ts';
import { IMPORT, importCommand, PRUNE, pruneCommand } from './inventory-keep.ts';
import { METRICS_COMMAND, metricsCommand } from './inventory-metrics.ts';
import { REPORT, reportCommand } from './inventory-report.ts';
import { RUN, runCommand } from './inventory-run.ts';
import { SCAN, scanCommand } from './inventory-scan.ts';
import { TELL, tellCommand } from './inventory-tell.ts';
import {
  CHANGES,
  changesCommand,
  HOST,
  hostCommand,
  STATUS,
  statusCommand,
} from './inventory-views.ts';
import {
  parseSubcommand,
  type Subcommand,
  type SubcommandLine,
  subcommandHelp,
} from './subcommand.ts';
import { printData, type Surroundings, widthOf } from './terminal.ts';

type Run = (line: SubcommandLine, surroundings: Surroundings) => Promise<ExitCode>;

/** In the order in which a new user needs them. */
const COMMANDS: readonly (readonly [Subcommand, Run])[] = [
  [INIT, initCommand],
  [CHECK, checkCommand],
  [SCHEMA, schemaCommand],
  [SCAN, scanCommand],
  [RUN, runCommand],
  [TELL, tellCommand],
  [METRICS_COMMAND, metricsCommand],
  [STATUS, statusCommand],
  [HOSTS, hostsCommand],
  [HOST, hostCommand],
  [CHANGES, changesCommand],
  [REPORT, reportCommand],
  [EXPORT, exportCommand],
  [IMPORT, importCommand],
  [PRUNE, pruneCommand],
];

export const INVENTORY_COMMANDS: readonly Subcommand[] = COMMANDS.map(([command]) => command);

const WIDEST_HELP = 100;

/**
 * @param args what follows `inventory` on the command line
 * @throws EchosweepError for whatever keeps the command from its end
 */
export async function inventoryCommand(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [name = '--help', ...others] = args;
  if (name === '-h' || name === '--help') {
    await printData(surroundings, overview(Math.min(WIDEST_HELP, widthOf(surroundings.stdout))));
    return EXIT.ok;
  }
  const found = COMMANDS.find(([command]) => command.name === `inventory ${name}`);
  if (found === undefined) {
    throw optionInvalid(
      `inventory has no ${JSON.stringify(name)}`,
      `use ${INVENTORY_COMMANDS.map(shortName).join(', ')}`,
    );
  }
  const [command, run] = found;
  const line = parseSubcommand(command, others);
  if (!line.wantsHelp) return run(line, surroundings);
  const width = Math.min(WIDEST_HELP, widthOf(surroundings.stdout));
  await printData(surroundings, subcommandHelp(command, width));
  return EXIT.ok;
}

const CALL_WIDTH = 24;

function overview(width: number): string {
  const indent = 2 + CALL_WIDTH;
  const lines = INVENTORY_COMMANDS.map((command) => {
    const call = `${shortName(command)} ${command.usage}`.trimEnd();
    const words = command.description.split('. ')[0]!.replace(/\.$/, '');
    const wrapped = new Help().boxWrap(words, width - indent).split('\n');
    return `  ${call.padEnd(CALL_WIDTH)}${wrapped.join(`\n${' '.repeat(indent)}`)}\n`;
  });
  return `Usage: echosweep inventory <command> [options]

Remembers what sweeps of your networks show, and tells what changes.

${lines.join('')}
echosweep inventory <command> --help shows the options of a command.
`;
}

function shortName({ name }: Subcommand): string {
  return name.slice('inventory '.length);
}
