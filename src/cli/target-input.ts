/** The targets of a command line: its arguments, its files and standard input, made into the set to sweep. */

import { EchosweepError } from '../errors.ts';
import { cannotRead } from '../file-errors.ts';
import { nothingUnread } from '../option-spec.ts';
import { optionInvalid } from '../option-value.ts';
import type { InputFile } from '../report/input-file.ts';
import type { SweepOptions, SweepSettings } from '../settings.ts';
import { targetsOf } from '../sweep-targets.ts';
import { TargetCollector } from '../targets/target-collector.ts';
import type { TargetFile } from '../targets/target-file.ts';
import type { TargetRequest, TargetSet } from '../targets/target-set.ts';
import { grouped, plural } from '../words.ts';
import type { FileOptions } from './command-options.ts';

const STANDARD_INPUT = '-';

/** The targets, and what there is to say about the files that they came from. */
export interface TargetInput extends TargetSet {
  /** Lines without the word `note`. */
  readonly fileNotes: readonly string[];
  /** A line about each network that `--local` added, or left out. */
  readonly localNetworks: readonly string[];
}

/** What a command line says about targets. */
interface TargetLine {
  readonly sweep: SweepOptions & { readonly targets: readonly string[] };
  readonly command: FileOptions;
}

/**
 * Reads them all; a set without addresses means that no name could be resolved.
 * @param resolve all addresses of a name; rejects if there is none
 * @throws EchosweepError TARGET_INVALID or OPTION_INVALID
 */
export async function readTargets(
  { sweep, command }: TargetLine,
  settings: SweepSettings,
  streams: { readonly stdin: InputFile },
  resolve?: TargetRequest['resolve'],
): Promise<TargetInput> {
  const { files = [], excludeFiles = [], local, ...unread }: FileOptions = command;
  nothingUnread(unread);
  if ([...files, ...excludeFiles].filter((path) => path === STANDARD_INPUT).length > 1) {
    throw optionInvalid(
      'standard input can be read once',
      'give - to one --file or --exclude-file',
    );
  }
  const include = new TargetCollector('sweep');
  for (const text of sweep.targets) include.add({ text, where: 'target' });
  const exclude = new TargetCollector('exclude');
  for (const text of [sweep.exclude ?? []].flat()) exclude.add({ text, where: '--exclude' });
  const fileNotes = [
    ...(await readFiles(files, streams, include)),
    ...(await readFiles(excludeFiles, streams, exclude)),
  ];
  const localNetworks = local ? await localNetworksIn(include, sweep, settings) : [];
  const targets = await targetsOf({ include, exclude }, sweep, settings, resolve);
  return { ...targets, fileNotes, localNetworks };
}

async function localNetworksIn(
  include: TargetCollector,
  { includeEdges, allowLarge }: SweepOptions,
  { interface: name, family }: SweepSettings,
): Promise<string[]> {
  const { addLocalNetworks } = await import('./local-networks.ts');
  return addLocalNetworks(include, {
    includeEdges,
    allowLarge,
    ...(name === undefined ? {} : { interface: name }),
    ...(family === undefined ? {} : { family }),
  });
}

/** @returns notes about files that are not plain lists */
async function readFiles(
  paths: readonly string[],
  streams: { readonly stdin: InputFile },
  collector: TargetCollector,
): Promise<string[]> {
  if (paths.length === 0) return [];
  // Loading the formats takes a tenth of the time that a small sweep needs to start.
  const [{ inputFile }, { readTargetFile }] = await Promise.all([
    import('../report/input-file.ts'),
    import('../targets/target-file.ts'),
  ]);
  const notes: string[] = [];
  for (const path of paths) {
    const isStdin = path === STANDARD_INPUT;
    const source = isStdin ? 'standard input' : path;
    const file = isStdin ? streams.stdin : inputFile(path);
    try {
      notes.push(...notesOn(source, await readTargetFile(file, source, collector)));
    } catch (error) {
      if (error instanceof EchosweepError) throw error;
      throw cannotRead('TARGET_INVALID', `targets from ${source}`, error);
    } finally {
      // If it is wrong, the rest of it may still be on its way.
      file.unref?.();
    }
  }
  return notes;
}

function notesOn(source: string, { format, count, leftOut }: TargetFile): string[] {
  if (format === undefined) return [];
  const skipped = leftOut === 0 ? '' : `, ${grouped(leftOut)} of which cannot be swept`;
  return [`${source}: read as ${format}, ${plural(count, 'target')}${skipped}`];
}
