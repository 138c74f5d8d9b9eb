/** How many of Node's threads look names up. */

import process from 'node:process';
import type { CommandLine } from './command-line.ts';

/** What targets look like that are addresses, or ranges and patterns of them. */
const ADDRESSES = /^[\d.,/*-]+$|:/;

/**
 * To be called before anything starts these threads. The system looks names up on half of them: of Node's own 4, two at a
 * time. Not every sweep gets 32, because to start and to end them takes a twentieth of the time of a small one.
 */
export function prepareForLookUps(): void {
  process.env['UV_THREADPOOL_SIZE'] ??= '32';
}

/** Whether names may be among targets and exclusions: in files they are not known yet. */
export function mayHaveNames({ sweep, command }: Pick<CommandLine, 'sweep' | 'command'>): boolean {
  const { files = [], excludeFiles = [] } = command;
  const words = [...sweep.targets, ...[sweep.exclude ?? []].flat()];
  return files.length + excludeFiles.length > 0 || !words.every((word) => ADDRESSES.test(word));
}
