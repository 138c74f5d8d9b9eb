/** `echosweep hub …`: its commands. */

import { commandGroup } from '../command-group.ts';
import { type Runnable, runnable } from '../subcommand.ts';
import { ADD, addCommand } from './add.ts';
import { AGENTS, agentsCommand } from './agents.ts';
import { DOCTOR, doctorCommand } from './doctor.ts';
import { INIT, initCommand } from './init.ts';
import { REMOVE, removeCommand } from './remove.ts';
import { RUN, runCommand } from './run.ts';

/** In the order in which a new user needs them: a command is a file of its own and a line here. */
const COMMANDS: readonly Runnable[] = [
  runnable(INIT, initCommand),
  runnable(RUN, runCommand),
  runnable(ADD, addCommand),
  runnable(REMOVE, removeCommand),
  runnable(AGENTS, agentsCommand),
  runnable(DOCTOR, doctorCommand),
];

/** `echosweep hub <command>`: the commands of a hub, and an overview of them. */
export const hubCommand: Runnable = commandGroup(
  'hub',
  'Lets agents at other sites, or on other machines, take part in sweeps and scans.',
  COMMANDS,
);
