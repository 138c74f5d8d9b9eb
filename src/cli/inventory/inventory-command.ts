/** `echosweep inventory …`: its commands, and which is meant. */

import { Help } from 'commander';
import { optionInvalid } from '../../option-value.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import {
  parseAbout,
  printVersion,
  type Runnable,
  runnable,
  type Subcommand,
} from '../subcommand.ts';
import { helpWidthOf, printData, type Surroundings } from '../terminal.ts';
import { CHANGES, changesCommand } from './changes.ts';
import { CHECK, checkCommand } from './check.ts';
import { EXPORT, exportCommand } from './export.ts';
import { HOST, hostCommand } from './host.ts';
import { HOSTS, hostsCommand } from './hosts.ts';
import { IMPORT, importCommand } from './import.ts';
import { INIT, initCommand } from './init.ts';
import { METRICS_COMMAND, metricsCommand } from './metrics.ts';
import { PASSWORD, passwordCommand } from './password.ts';
import { PRUNE, pruneCommand } from './prune.ts';
import { REPORT, reportCommand } from './report.ts';
import { RUN, runCommand } from './run.ts';
import { SCAN, scanCommand } from './scan.ts';
import { SCHEMA, schemaCommand } from './schema.ts';
import { SERVE, serveCommand } from './serve.ts';
import { STATUS, statusCommand } from './status.ts';
import { SYNC, syncCommand } from './sync.ts';
import { TELL, tellCommand } from './tell.ts';

/** In the order in which a new user needs them: a command is a file of its own and a line here. */
const COMMANDS: readonly Runnable[] = [
  runnable(INIT, initCommand),
  runnable(CHECK, checkCommand),
  runnable(SCHEMA, schemaCommand),
  runnable(SCAN, scanCommand),
  runnable(RUN, runCommand),
  runnable(SERVE, serveCommand),
  runnable(PASSWORD, passwordCommand),
  runnable(TELL, tellCommand),
  runnable(METRICS_COMMAND, metricsCommand),
  runnable(STATUS, statusCommand),
  runnable(HOSTS, hostsCommand),
  runnable(HOST, hostCommand),
  runnable(CHANGES, changesCommand),
  runnable(REPORT, reportCommand),
  runnable(EXPORT, exportCommand),
  runnable(SYNC, syncCommand),
  runnable(IMPORT, importCommand),
  runnable(PRUNE, pruneCommand),
];

const INVENTORY_COMMANDS: readonly Subcommand[] = COMMANDS.flatMap(({ commands }) => commands);

/** `echosweep inventory <command>`: the commands of an inventory, and an overview of them. */
export const inventoryCommand: Runnable = { commands: INVENTORY_COMMANDS, run: runInventory };

/**
 * @param args what follows `inventory` on the command line
 * @throws EchosweepError for whatever keeps the command from its end
 */
async function runInventory(
  args: readonly string[],
  surroundings: Surroundings,
): Promise<ExitCode> {
  const [name = '--help', ...others] = args;
  const about = parseAbout(name);
  if (about === 'help') {
    await printData(surroundings, overview(helpWidthOf(surroundings.stdout)));
    return EXIT.ok;
  }
  if (about === 'version') return printVersion(surroundings);
  const found = COMMANDS.find(({ commands }) => commands[0]!.name === `inventory ${name}`);
  if (found === undefined) {
    throw optionInvalid(
      `inventory has no ${JSON.stringify(name)}`,
      `use ${INVENTORY_COMMANDS.map(shortName).join(', ')}`,
    );
  }
  return found.run(others, surroundings);
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

Records what scans of your networks find, and reports changes.

${lines.join('')}
echosweep inventory <command> --help shows the options of a command.
`;
}

function shortName({ name }: Subcommand): string {
  return name.slice('inventory '.length);
}
