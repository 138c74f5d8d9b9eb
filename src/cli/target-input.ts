/** The targets of a command line: its arguments, its files and standard input, made into the set to sweep. */

import { readFile } from 'node:fs/promises';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { EchosweepError } from '../errors.ts';
import { readFault } from '../file-errors.ts';
import { nothingUnread } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import type { SweepSettings } from '../settings.ts';
import { targetsOf } from '../sweep-targets.ts';
import { parseTargetList } from '../targets/target-list.ts';
import type { TargetRequest, TargetSet } from '../targets/target-set.ts';
import type { TargetSpec } from '../targets/target-spec.ts';
import type { CommandLine } from './command-line.ts';
import type { FileOptions } from './command-options.ts';

const STANDARD_INPUT = '-';

/**
 * Reads them all; a set without addresses means that no name could be resolved.
 * @param resolve all addresses of a name; rejects if there is none
 * @throws EchosweepError TARGET_INVALID or OPTION_INVALID
 */
export async function readTargets(
  { sweep, command }: CommandLine,
  settings: SweepSettings,
  stdin: Readable,
  resolve?: TargetRequest['resolve'],
): Promise<TargetSet> {
  const { files = [], excludeFiles = [], ...unread }: FileOptions = command;
  nothingUnread(unread);
  if ([...files, ...excludeFiles].filter((path) => path === STANDARD_INPUT).length > 1) {
    throw optionInvalid(
      'standard input can be read once',
      'give - to one --file or --exclude-file',
    );
  }
  const include = [
    ...sweep.targets.map((target) => ({ text: target, where: 'target' })),
    ...(await specsOfFiles(files, stdin)),
  ];
  const exclude = [
    ...[sweep.exclude ?? []].flat().map((target) => ({ text: target, where: '--exclude' })),
    ...(await specsOfFiles(excludeFiles, stdin)),
  ];
  return targetsOf({ include, exclude }, sweep, settings, resolve);
}

async function specsOfFiles(paths: readonly string[], stdin: Readable): Promise<TargetSpec[]> {
  const specs: TargetSpec[] = [];
  for (const path of paths) {
    const isStdin = path === STANDARD_INPUT;
    const content = isStdin ? await text(stdin) : await readTargetFile(path);
    for (const spec of parseTargetList(content, isStdin ? 'standard input' : path))
      specs.push(spec);
  }
  return specs;
}

async function readTargetFile(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    const { problem, advice } = readFault(error);
    throw new EchosweepError(
      'TARGET_INVALID',
      `cannot read targets from ${path}: ${problem}`,
      advice,
      { cause: error },
    );
  }
}
