/** The commands besides the sweep itself, in the order of the help. Each loads only when it runs. */

import type { CommandEntry } from './subcommand.ts';

export const COMMANDS: readonly CommandEntry[] = [
  {
    name: 'watch',
    summary: 'loss, RTT, jitter and changes of hosts, round after round',
    load: async () => (await import('./watch/watch-command.ts')).watchCommand,
  },
  {
    name: 'doctor',
    summary: 'which engines work here, and what the others need',
    load: async () => (await import('./doctor-command.ts')).doctorCommand,
  },
  {
    name: 'diff',
    summary: 'what changed between reports',
    load: async () => (await import('./diff-command.ts')).diffCommand,
  },
  {
    name: 'render',
    summary: 'a report as a page for the browser',
    load: async () => (await import('./render-command.ts')).renderCommand,
  },
  {
    name: 'map',
    summary: 'a report as a map in the terminal',
    load: async () => (await import('./map-command.ts')).mapCommand,
  },
  {
    name: 'inventory',
    summary: 'scans that are remembered and compared',
    load: async () => (await import('./inventory/inventory-command.ts')).inventoryCommand,
  },
  {
    name: 'hub',
    summary: 'lets agents at other sites take part in sweeps',
    load: async () => (await import('./hub/hub-command.ts')).hubCommand,
  },
  {
    name: 'agent',
    summary: 'sweeps at a site what a hub wants swept there',
    load: async () => (await import('./agent-command.ts')).agentCommand,
  },
  {
    name: 'scans',
    summary: 'the sweeps on several sites: list, resume or cancel',
    load: async () => (await import('./sites/scans-command.ts')).scansCommand,
  },
  {
    name: 'fping',
    summary: 'the arguments and output of fping, for programs that call it',
    load: async () => (await import('./fping/fping-command.ts')).fpingCommand,
  },
  {
    name: 'completion',
    summary: 'a script that lets a shell complete commands and options',
    load: async () =>
      (await import('./completion/completion-command.ts')).completionCommand(COMMANDS),
  },
];
