/** `echosweep inventory …`: its commands. */

import { commandGroup } from '../command-group.ts';
import { type Runnable, runnable } from '../subcommand.ts';
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

/** `echosweep inventory <command>`: the commands of an inventory, and an overview of them. */
export const inventoryCommand: Runnable = commandGroup(
  'inventory',
  'Records what scans of your networks find, and reports changes.',
  COMMANDS,
);
