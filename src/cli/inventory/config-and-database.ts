/** The configuration and the database that an inventory command works with. */

import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import {
  type ConfigFile,
  openConfiguredStore,
  readConfig,
} from '../../inventory/config/config-file.ts';
import { type FileOwner, IN_MEMORY } from '../../inventory/database.ts';
import { openStore, type Store } from '../../inventory/store.ts';
import { text } from '../../option-spec.ts';
import { sudoInvoker } from '../../transport/privileges.ts';
import { safeText } from '../../words.ts';
import type { SubcommandLine } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';

/** The first of these in the working folder is used. */
const USUAL_NAMES = [
  'echosweep.yaml',
  'echosweep.yml',
  'echosweep.toml',
  'echosweep.json',
] as const;

export const CONFIG_OPTION = text(
  'config',
  '--config <file>',
  'The configuration, in YAML, TOML or JSON.',
  { isPath: true, otherwise: `${USUAL_NAMES[0]} in the working folder` },
);

/** The command line of any command that has `--config`. */
type ConfigLine = SubcommandLine<readonly [typeof CONFIG_OPTION]>;

/** Reads the configuration that the command line names, or the usual one. @throws EchosweepError CONFIG_INVALID */
export async function readConfigOf(line: ConfigLine): Promise<ConfigFile> {
  return readConfig(await configPath(line));
}

/** The place of the configuration; without any file the place where it would be. */
async function configPath(line: ConfigLine): Promise<string> {
  const given = line.values.config;
  if (given !== undefined) return given;
  for (const name of USUAL_NAMES) {
    const isThere = await access(name).then(
      () => true,
      () => false,
    );
    if (isThere) return name;
  }
  return USUAL_NAMES[0];
}

/** The database, to write to. @throws EchosweepError INVENTORY_FAILED */
export function openStoreOf(file: ConfigFile): Promise<Store> {
  return openConfiguredStore(file, ownerOfFiles());
}

/**
 * The database, to read from. If it does not exist yet, which may be a slip in its name and is said, an empty one that
 * leaves no file: the user who reads first may not be the one who scans.
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function openStoreToRead(file: ConfigFile, out: Surroundings): Promise<Store> {
  const path = file.resolve(file.config.database);
  if (existsSync(path)) return openStore(path, ownerOfFiles());
  printWords(out, [
    `note: there is no inventory at ${safeText(path)} yet; the first scan makes it`,
  ]);
  return openStore(IN_MEMORY);
}

/** Files that root creates through sudo belong to the user who called sudo. */
export function ownerOfFiles(): FileOwner | undefined {
  return process.getuid?.() === 0 ? sudoInvoker(process.env) : undefined;
}
