/** The configuration and the database that an inventory command works with. */

import { existsSync } from 'node:fs';
import { access } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import type { InventoryConfig, NetworkConfig } from '../../inventory/config/config.ts';
import { readConfig } from '../../inventory/config/config-file.ts';
import { type FileOwner, IN_MEMORY } from '../../inventory/database.ts';
import { openStore, type Store } from '../../inventory/store.ts';
import { text } from '../../option-spec.ts';
import { optionInvalid } from '../../option-value.ts';
import { sudoInvoker } from '../../transport/privileges.ts';
import type { SubcommandLine } from '../subcommand.ts';
import { SWEEP_OPTION_SCHEMA } from '../sweep-option-schema.ts';

/** Looked for in the working folder, in this order. */
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
  { otherwise: `${USUAL_NAMES[0]} in the working folder` },
);

export const NETWORK_OPTION = text(
  'networks',
  '--network <name>',
  'Only of this network, commas between several.',
  { isRepeatable: true, hasCommas: true, otherwise: 'all' },
);

/** A configuration and where it stands. */
export interface ConfigFile {
  readonly path: string;
  readonly config: InventoryConfig;
  /** A path of the configuration, from its folder. */
  readonly resolve: (path: string) => string;
}

/** The command line of any command that has `--config`. */
type ConfigLine = SubcommandLine<readonly [typeof CONFIG_OPTION]>;

/** @throws EchosweepError CONFIG_INVALID */
export async function readConfigOf(line: ConfigLine): Promise<ConfigFile> {
  const path = await configPath(line);
  const config = await readConfig(path, SWEEP_OPTION_SCHEMA);
  return { path, config, resolve: (inner) => resolve(dirname(path), inner) };
}

/** Where the configuration is, or would be: the usual name where there is none. */
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

/** @throws EchosweepError INVENTORY_FAILED */
export function openStoreOf(file: ConfigFile): Promise<Store> {
  return openStore(file.resolve(file.config.database), ownerOfFiles());
}

/**
 * The database for a question: of an inventory that nobody has begun an empty one that leaves no file behind, since who
 * asks first may be somebody else than who scans.
 * @throws EchosweepError INVENTORY_FAILED
 */
export async function openStoreToAsk(file: ConfigFile): Promise<Store> {
  const path = file.resolve(file.config.database);
  return existsSync(path) ? openStore(path, ownerOfFiles()) : openStore(IN_MEMORY);
}

/** What root makes through sudo belongs to the person who asked. */
export function ownerOfFiles(): FileOwner | undefined {
  return process.getuid?.() === 0 ? sudoInvoker(process.env) : undefined;
}

/**
 * The networks of these names, in the configuration's order; all of them for undefined.
 * @throws EchosweepError OPTION_INVALID where there is none of a name
 */
export function networksNamed(
  { config, path }: ConfigFile,
  names: readonly string[] | undefined,
): readonly NetworkConfig[] {
  if (names === undefined) return config.networks;
  const unknown = names.find((name) => config.networks.every((network) => network.name !== name));
  if (unknown === undefined) return config.networks.filter(({ name }) => names.includes(name));
  const known = config.networks.map(({ name }) => name).join(', ');
  throw optionInvalid(`${path} has no network ${JSON.stringify(unknown)}`, `use ${known}`);
}

/** Their names. */
export function scannedNetworks({ config }: ConfigFile): readonly string[] {
  return config.networks.map(({ name }) => name);
}
