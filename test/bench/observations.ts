/** What is measured in sweeps of echosweep alone, or against the wire. */

import { observeAccuracy } from './accuracy.ts';
import { observeDifficult } from './difficult.ts';
import type { Observation } from './figures.ts';
import { observeFreeResponder } from './free-responder.ts';
import { observeLargeFiles } from './large-files.ts';
import { observeSlash8 } from './slash8.ts';
import { observeSteadiness } from './steadiness.ts';

export interface ObservationScenario {
  readonly title: string;
  /** What a reader needs to know to interpret the figures. */
  readonly about: string;
  /** Runs only if it is named: it takes minutes and gigabytes. */
  readonly isNightly?: boolean;
  observe(folder: string, isSmoke: boolean): Promise<Observation>;
}

export const OBSERVATIONS = {
  steadiness: {
    title: 'A rate below max',
    about:
      'Packets that left the interface, over the whole sweep and in the worst windows of 100 ms, compared with the requested rate.',
    observe: observeSteadiness,
  },
  accuracy: {
    title: 'Round-trip times compared with the wire',
    about:
      'Each reported time is compared with the time between the outgoing request and the incoming reply, as captured by tcpdump at the interface with kernel timestamps. ping probes one host; its full speed is one probe after another. Rounding in a program’s output is part of its error.',
    observe: observeAccuracy,
  },
  'free-responder': {
    title: 'A live /12 whose replies cost next to nothing',
    about:
      'The other end of the link answers by itself, with an XDP program, where the kernel lets one load it. So nothing is measured but sending, receiving and the program.',
    observe: observeFreeResponder,
  },
  'large-files': {
    title: 'Large files',
    about:
      'A file of networks, read up to the first probe (`--dry-run`), and a CSV report, read back by other commands. Medians of three runs.',
    observe: observeLargeFiles,
  },
  difficult: {
    title: 'Difficult networks',
    about:
      'The fewest live hosts that each program found in three runs at its defaults, and the most that it found though they do not exist. “Doubt” means that echosweep was wrong and said so (exit code 5). The last three networks are local, with 40 hosts.',
    isNightly: true,
    observe: observeDifficult,
  },
  slash8: {
    title: 'A live /8',
    about:
      'Every row of the report is compared with the expected address, so no host can be missing or listed twice.',
    isNightly: true,
    observe: observeSlash8,
  },
} as const satisfies Readonly<Record<string, ObservationScenario>>;
