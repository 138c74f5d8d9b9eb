/** An inventory of one network that is synchronised with a stand-in of NetBox 4. */

import { EventEmitter } from 'node:events';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach } from 'node:test';
import { inventoryCommand } from '../../../../src/cli/inventory/inventory-command.ts';
import type { ScannedHost } from '../../../../src/inventory/host-writer.ts';
import { openStore } from '../../../../src/inventory/store.ts';
import { StandInNetBox, TOKEN } from '../../inventory/ipam/stand-in-netbox.ts';
import {
  type recordOf,
  silentAt,
  temporaryFolder,
  upAt,
  writeOffice,
} from '../../inventory/samples.ts';
import { readCsv } from '../../report/read-csv.ts';
import { fakeSurroundings, KeptStream } from '../fakes.ts';

const FOLDER = temporaryFolder();
const running: StandInNetBox[] = [];
afterEach(() => {
  for (const netbox of running.splice(0)) netbox.stop();
});

/** A NetBox that stops when the test ends. */
export async function standIn(): Promise<StandInNetBox> {
  const netbox = await StandInNetBox.start();
  running.push(netbox);
  return netbox;
}

let folders = 0;

/** By their last octet: what a scan found of a host that answers, or null for a silent one. */
type FoundHosts = Readonly<Record<number, Partial<ScannedHost> | null>>;

/** The first hosts of the network, all of which answer. */
export function hostsUpTo(octet: number): FoundHosts {
  return Object.fromEntries(Array.from({ length: octet }, (_, i) => [i + 1, {}]));
}

/** An inventory of one network, and the command with its configuration. */
export class NetBoxInventory {
  private readonly folder = join(FOLDER, String(folders++));
  readonly config = join(this.folder, 'echosweep.yaml');
  private scans = 0;
  /** Of the latest run. */
  signals = new EventEmitter();
  env: Record<string, string> = { NETBOX_TOKEN: TOKEN };

  /** @param more fields of NetBox in the configuration, each after a comma */
  constructor(url: string, more = '', targets = '192.0.2.0/24') {
    mkdirSync(this.folder);
    const netbox = `netbox: { url: "${url}", token-env: NETBOX_TOKEN${more} }\n`;
    writeFileSync(this.config, `${netbox}networks: { office: { targets: "${targets}" } }\n`);
  }

  /** A scan that finds these hosts. */
  async scan(hosts: FoundHosts, record: Parameters<typeof recordOf>[1] = {}): Promise<this> {
    const store = await openStore(join(this.folder, 'echosweep.db'));
    const scan = this.scans++;
    const rows = Object.entries(hosts).map(([octet, values]) =>
      values === null ? silentAt(`192.0.2.${octet}`, scan) : upAt(`192.0.2.${octet}`, scan, values),
    );
    writeOffice(store, scan, rows, record);
    store.close();
    return this;
  }

  async sync(...args: string[]) {
    const stdout = new KeptStream();
    const surroundings = fakeSurroundings({ stdout, env: this.env });
    this.signals = surroundings.signals;
    const code = await inventoryCommand.run(
      ['sync', 'netbox', '--config', this.config, ...args],
      surroundings,
    );
    const columns = 'action,address,changes,reason,result'.split(',');
    const [header = [], ...lines] = readCsv(stdout.text);
    const rows = lines.map((line) =>
      columns.map((name) => line[header.indexOf(name)]).filter((cell) => cell !== ''),
    );
    return {
      code,
      stdout: stdout.text,
      rows,
      /** Of each row the result, or the reason why there is none. */
      results: rows.map((row) => row.at(-1)),
      words: surroundings.stderr.text.trimEnd().split('\n'),
    };
  }
}

/** An empty NetBox, and an inventory for it that has found these hosts. */
export async function netboxAndInventory(
  hosts: FoundHosts,
  more = '',
): Promise<{ netbox: StandInNetBox; inventory: NetBoxInventory }> {
  const netbox = await standIn();
  const inventory = await new NetBoxInventory(netbox.url, more).scan(hosts);
  return { netbox, inventory };
}
