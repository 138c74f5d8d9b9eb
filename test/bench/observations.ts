/** What is watched in sweeps of echosweep alone. */

import { observeAccuracy } from './accuracy.ts';
import type { Observation } from './figures.ts';
import { observeSlash8 } from './slash8.ts';
import { observeSteadiness } from './steadiness.ts';

export interface ObservationScenario {
  readonly title: string;
  /** What a reader must know to judge the figures. */
  readonly about: string;
  /** Runs only where it is named: it takes minutes and gigabytes. */
  readonly isNightly?: boolean;
  observe(folder: string, isSmoke: boolean): Promise<Observation>;
}

export const OBSERVATIONS = {
  steadiness: {
    title: 'A rate below max',
    about:
      'Packets that left the interface, from the first to the last, and in the worst of all windows of 100 ms, against the rate asked for.',
    observe: observeSteadiness,
  },
  accuracy: {
    title: 'Round-trip times beside the wire’s',
    about:
      'Each time that a program reports against the time between the request’s way out and the reply’s way in, as tcpdump saw them at the interface with the kernel’s stamps. ping asks one host; its full speed is one probe after the other. What a program rounds away when it prints is part of its error.',
    observe: observeAccuracy,
  },
  slash8: {
    title: 'A live /8',
    about:
      'Every row of the report is compared with the address that must stand there, so that no host is missing and none stands twice.',
    isNightly: true,
    observe: observeSlash8,
  },
} as const satisfies Readonly<Record<string, ObservationScenario>>;
