/** Reads the secrets of receivers: from the environment or from a file, never from the configuration itself. */

import { readFile, stat } from 'node:fs/promises';
import { platform } from 'node:os';
import { EchosweepError } from '../../errors.ts';
import { errorCode } from '../../file-errors.ts';

/** Where a secret is: at most one of the two. */
export interface SecretPlace {
  /** Name of an environment variable. */
  readonly env?: string | undefined;
  /** A path. */
  readonly file?: string | undefined;
}

/** What secrets are read from. */
export interface SecretSources {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Makes a path of the configuration absolute. */
  readonly resolve: (path: string) => string;
  /** This one unless a test says otherwise. */
  readonly system?: NodeJS.Platform;
}

const OTHERS_MAY_READ = 0o004;
const LARGEST_SECRET = 4096;

/**
 * @returns undefined if the receiver has no secret
 * @throws EchosweepError CONFIG_INVALID; no message holds any part of the secret
 */
export async function readSecret(
  place: SecretPlace,
  { env, resolve, system = platform() }: SecretSources,
): Promise<string | undefined> {
  if (place.env !== undefined) {
    const value = env[place.env];
    if (value === undefined || value === '') {
      throw invalid(
        `the environment has no ${place.env}, which a secret is to come from`,
        'set it',
      );
    }
    return value;
  }
  return place.file === undefined ? undefined : readSecretFile(resolve(place.file), system);
}

async function readSecretFile(path: string, system: NodeJS.Platform): Promise<string> {
  try {
    const { mode, size } = await stat(path);
    // Windows has access control lists instead; the mode that Node makes up says nothing.
    if (system !== 'win32' && (mode & OTHERS_MAY_READ) !== 0) {
      throw invalid(`every user can read the secret in ${path}`, `chmod o-r ${path}`);
    }
    if (size > LARGEST_SECRET) throw invalid(`${path} is too large for a secret`, 'name another');
    const secret = (await readFile(path, 'utf8')).replace(/\r?\n$/, '');
    if (secret === '') throw invalid(`${path} is empty`, 'write the secret into it');
    return secret;
  } catch (error) {
    if (error instanceof EchosweepError) throw error;
    const why = errorCode(error) || 'unknown';
    throw invalid(`cannot read the secret in ${path} (${why})`, 'give it to the user who scans');
  }
}

function invalid(problem: string, advice: string): EchosweepError {
  return new EchosweepError('CONFIG_INVALID', problem, advice);
}
