/** `echosweep inventory init`: a commented configuration for the networks that this host is connected to. */

import { open, rm } from 'node:fs/promises';
import type { NetworkInterfaceInfo } from 'node:os';
import { formatAddress, parseAddress, subnetAround } from '../../address.ts';
import { EchosweepError } from '../../errors.ts';
import { errorCode } from '../../file-errors.ts';
import { type SystemInterfaces, systemInterfaces } from '../../host-network/system-interfaces.ts';
import { cannotWrite } from '../../sites/hub/private-file.ts';
import { USUAL_ADDRESS } from '../../web/listen-address.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { CONFIG_OPTION, ownerOfFiles } from './config-and-database.ts';

export const INIT = subcommand({
  name: 'inventory init',
  usage: '',
  takes: [0, 0],
  description:
    'Writes a commented configuration for the IPv4 networks that this host is connected to. It replaces no file.',
  options: [CONFIG_OPTION],
});

/** Larger networks are written as comments: so many addresses are not to be swept by accident. */
const SHORTEST_PREFIX = 20;

/** @throws EchosweepError CONFIG_INVALID if the file exists already, OUTPUT_FAILED if it cannot be written */
export async function initCommand(
  line: LineOf<typeof INIT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const path = line.values.config ?? 'echosweep.yaml';
  if (!/[.]ya?ml$/i.test(path)) {
    throw new EchosweepError('CONFIG_INVALID', 'init writes YAML', `end ${path} in .yaml`);
  }
  const text = configText(systemInterfaces());
  try {
    await createWhole(path, text);
  } catch (error) {
    if (errorCode(error) !== 'EEXIST') throw cannotWrite(path, error);
    throw new EchosweepError(
      'CONFIG_INVALID',
      `cannot write ${path}: it exists already`,
      'edit it, or name another with --config',
      { cause: error },
    );
  }
  printWords(surroundings, [
    `wrote ${path}; next: edit it, then`,
    '  echosweep inventory check   checks it, and shows what is due when',
    '  echosweep inventory scan    makes the first scan, with which the next are compared',
    `  echosweep inventory serve   shows all of it in a browser, at http://${USUAL_ADDRESS}`,
  ]);
  return EXIT.ok;
}

/** Makes a private file that the user owns. If that fails, there is none: the next `init` would take a part for the whole. */
async function createWhole(path: string, text: string): Promise<void> {
  const file = await open(path, 'wx', 0o600);
  try {
    await file.writeFile(text);
    await file.sync();
    const owner = ownerOfFiles();
    if (owner !== undefined) await file.chown(owner.uid, owner.gid);
  } catch (error) {
    await rm(path, { force: true });
    throw error;
  } finally {
    await file.close();
  }
}

/** The whole file. */
export function configText(interfaces: SystemInterfaces): string {
  const all = Object.entries(interfaces).flatMap(([name, addresses]) =>
    (addresses ?? []).flatMap((address) => networkOf(name, address) ?? []),
  );
  // A wired and a wireless interface in the same network are one network.
  const found = all.filter(
    ({ subnet }, i) => all.findIndex((other) => other.subnet === subnet) === i,
  );
  // Two addresses of an interface are two networks, which need two names.
  const names = found.map(({ name }, i) => {
    const earlier = found.slice(0, i).filter((other) => other.name === name).length;
    return earlier === 0 ? name : `${name}-${earlier + 1}`;
  });
  const networks = found.map((network, i) => networkLines(names[i]!, network));
  const hasAny = found.some(({ prefix }) => prefix >= SHORTEST_PREFIX);
  return `${OPENING}${[...networks, ...(hasAny ? [] : [LOOPBACK])].join('\n')}`;
}

const OPENING = `# An inventory of your networks. 'echosweep inventory schema' prints the JSON Schema of this file, with which editors
# complete it, and 'echosweep inventory check' checks it.

# The SQLite file of the inventory, relative to the folder of this file.
database: echosweep.db

# A CSV of the hosts that should be there (address, name, owner, site, and any other columns).
# known-hosts: hosts.csv

# Time zone of schedules; the system's own by default.
# time-zone: Europe/Berlin

# Consecutive missed scans before a host counts as gone.
gone-after: 3

# A host is slower if its replies take 3 times longer than usual, and 5 ms longer.
slower-factor: 3
slower-by: 5

# How many days 'echosweep inventory prune' keeps.
keep-days: 730

# Sweep options by their names on the command line. A network may override them.
sweep:
  rdns: true
  # rate: 1000

networks:
`;

/** For a host that is connected to no small network, to try it out. */
const LOOPBACK = `  loopback:
    targets: [127.0.0.0/28]
    schedule: "0 * * * *"
`;

interface FoundNetwork {
  readonly name: string;
  readonly subnet: string;
  readonly prefix: number;
}

function networkOf(
  name: string,
  { address, cidr, internal, family }: NetworkInterfaceInfo,
): FoundNetwork | undefined {
  const prefix = Number(cidr?.split('/')[1]);
  const parsed = parseAddress(address);
  if (internal || family !== 'IPv4' || parsed === undefined || !(prefix <= 30)) return undefined;
  const { first } = subnetAround(4, parsed.value, prefix);
  const words = name.replaceAll(/[^A-Za-z0-9_-]/g, '-').replace(/^[^A-Za-z0-9]+/, '');
  return { name: words || 'network', subnet: `${formatAddress(4, first)}/${prefix}`, prefix };
}

function networkLines(name: string, { subnet, prefix }: FoundNetwork): string {
  const lines = [
    `${name}:`,
    `  targets: [${subnet}]`,
    '  # exclude: []',
    '  # site: Berlin',
    '  # tags: []',
    '  # every hour; minute, hour, day of month, month, day of week',
    '  schedule: "0 * * * *"',
  ];
  const isLarge = prefix < SHORTEST_PREFIX;
  const note = isLarge ? ['# a large network: remove the comment signs to scan it'] : [];
  return [...note, ...lines.map((line) => (isLarge ? `# ${line}` : line))]
    .map((line) => `  ${line}\n`)
    .join('');
}
