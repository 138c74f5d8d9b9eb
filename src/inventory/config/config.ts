/** The configuration of an inventory: every field once, for checking, for editors and for the documentation. */

import { normalize } from 'node:path';
import { z } from 'zod';
import { EchosweepError } from '../../errors.ts';
import type { GivenOf } from '../../option-spec.ts';
import type { SELECTION } from '../../options.ts';
import { HOST_FORMATS } from '../../report/formats.ts';
import { formatByEnding } from '../../report/registry.ts';
import { USUAL_HUB_FOLDER } from '../../results/site-facts.ts';
import { resolveSettings, type SweepSettings } from '../../settings.ts';
import { anyOf } from '../../words.ts';
import { fieldProblem } from '../field-problem.ts';
import type { ChangeRules } from '../host-memory.ts';
import type { HostMetricsConfig } from '../host-metrics.ts';
import { NETBOX_FIELDS, type NetBoxConfig, netboxOf } from '../ipam/netbox-config.ts';
import { RECEIVER_FIELDS, receiverIssues } from '../notify/receiver-fields.ts';
import { type Receivers, receiversOf } from '../notify/receivers.ts';
import { oneOrMore, TEXTS_FIELD } from '../one-or-more.ts';
import { CRON_FIELD, type Schedule, TIME_ZONE_FIELD } from '../schedule.ts';
import { HOST_METRICS_FIELDS, hostMetricsOf } from './host-metrics-fields.ts';
import { SITES_FIELD, type SiteConfig, sitesOf } from './site-fields.ts';
import { SWEEP_FIELDS, type SweepFields, sweepOptionsOf } from './sweep-fields.ts';
import { WEB_FIELDS, type WebConfig, webOf } from './web-config.ts';

/** One network, with the fields that hold for all networks filled in. */
export interface NetworkConfig {
  readonly name: string;
  readonly targets: NetworkTargets;
  /** Which addresses of the targets are swept. */
  readonly selection: GivenOf<typeof SELECTION>;
  readonly site: string | null;
  /** The site whose agents scan it; undefined for this machine. */
  readonly atSite: SiteConfig | undefined;
  readonly tags: readonly string[];
  readonly schedule: Schedule | undefined;
  readonly rules: ChangeRules;
  readonly settings: NetworkSettings;
}

/** The settings of a network's sweeps. Without a configured seed there is none here, so that each sweep draws its own. */
export type NetworkSettings = Omit<SweepSettings, 'seed'> & Partial<Pick<SweepSettings, 'seed'>>;

/** What to sweep, and what to leave out. */
export interface NetworkTargets {
  readonly include: readonly NetworkTarget[];
  readonly exclude: readonly NetworkTarget[];
}

/** A target as written, and the field that holds it, for messages. */
export interface NetworkTarget {
  readonly text: string;
  readonly where: string;
}

export interface InventoryConfig extends Receivers {
  /** As written, relative to the configuration's folder. */
  readonly database: string;
  readonly knownHosts: string | undefined;
  readonly keepDays: number;
  /** As `database`. */
  readonly metricsFile: string | undefined;
  /** Which hosts have metrics of their own; undefined for none. */
  readonly hostMetrics: HostMetricsConfig | undefined;
  /** Undefined if the configuration names none. */
  readonly netbox: NetBoxConfig | undefined;
  /** Reports of hosts, each as `database`. */
  readonly exportFiles: readonly string[];
  readonly web: WebConfig;
  /** The folder or file of the hub that agents of sites connect to, as `database`. */
  readonly hub: string;
  readonly sites: readonly SiteConfig[];
  readonly networks: readonly NetworkConfig[];
}

/** Names appear in file names and on command lines. */
const NETWORK_NAME = /^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$/;

const timeZone = TIME_ZONE_FIELD.describe(
  "Time zone of schedules, such as Europe/Berlin. The system's own by default.",
);

const goneAfter = z
  .int()
  .min(1)
  .max(1000)
  .describe('Consecutive missed scans before a host counts as gone.');
const slowerFactor = z
  .number()
  .min(1)
  .max(1e6)
  .describe('A host is slower if its replies take this many times longer than usual …');
const slowerBy = z.number().min(0).max(600_000).describe('… and this many milliseconds longer.');

const exportFile = z.string().refine(isOfHosts, {
  error: fieldProblem(
    'does not name a format of hosts by its ending',
    `end it in ${anyOf(HOST_FORMATS.map(({ ending }) => ending))}`,
  ),
});

const networkFields = z.strictObject({
  targets: TEXTS_FIELD.describe('Subnets, ranges, addresses and names to sweep.'),
  exclude: TEXTS_FIELD.optional().describe('Targets to leave out.'),
  site: z
    .string()
    .optional()
    .describe('Its location, for reports. Agents of the site scan it if it is listed under sites.'),
  tags: z.array(z.string()).optional().describe('Words to find it by.'),
  schedule: CRON_FIELD.describe(
    'When to scan, in cron syntax: minute, hour, day of month, month, day of week.',
  ).optional(),
  'time-zone': timeZone.optional(),
  'gone-after': goneAfter.optional(),
  'slower-factor': slowerFactor.optional(),
  'slower-by': slowerBy.optional(),
  sweep: SWEEP_FIELDS.optional().describe('Sweep options that override those for all networks.'),
});

const configFields = z.strictObject({
  database: z
    .string()
    .min(1)
    .default('echosweep.db')
    .describe('The SQLite file of the inventory, relative to the folder of this file.'),
  'known-hosts': z
    .string()
    .min(1)
    .optional()
    .describe('CSV of the hosts that should be there: address, name, owner, site, and more.'),
  'keep-days': z.int().min(1).max(36_500).default(730).describe('How many days prune keeps.'),
  'metrics-file': z
    .string()
    .min(1)
    .optional()
    .describe('File for metrics in Prometheus format, written after each scan.'),
  'host-metrics': HOST_METRICS_FIELDS.optional(),
  'export-files': oneOrMore(exportFile)
    .optional()
    .describe('Files for all hosts, written after each scan; the ending picks the format.'),
  ...RECEIVER_FIELDS,
  netbox: NETBOX_FIELDS.optional(),
  web: WEB_FIELDS.optional(),
  hub: z
    .string()
    .min(1)
    .default(USUAL_HUB_FOLDER)
    .describe('The folder of the hub that agents of sites connect to, or its file hub.json.'),
  sites: SITES_FIELD,
  'time-zone': timeZone.optional(),
  'gone-after': goneAfter.default(3),
  'slower-factor': slowerFactor.default(3),
  'slower-by': slowerBy.default(5),
  sweep: SWEEP_FIELDS.optional().describe('Sweep options for all networks.'),
  networks: z
    .record(
      z.string().regex(NETWORK_NAME, {
        error: fieldProblem('is not a valid network name', 'use letters, digits, - and _'),
      }),
      networkFields,
    )
    .refine((networks) => Object.keys(networks).length > 0, {
      error: fieldProblem('names no network', 'add one'),
    })
    .describe('The networks by name.'),
});

type ConfigFields = z.output<typeof configFields>;
type Issue = z.core.$ZodIssue;

/** @returns the configuration, or what is wrong with it */
export function checkConfig(
  value: unknown,
): { readonly config: InventoryConfig } | { readonly issues: readonly Issue[] } {
  const parsed = configFields.safeParse(value);
  if (!parsed.success) return { issues: parsed.error.issues };
  const { data } = parsed;
  const issues: Issue[] = [
    ...sharedFiles(data),
    ...receiverIssues(data, Object.keys(data.networks)),
  ];
  const sites = sitesOf(data.sites, data['time-zone']);
  const networks = Object.keys(data.networks).flatMap((name) => {
    try {
      return [networkOf(name, data, sites)];
    } catch (error) {
      if (!(error instanceof EchosweepError)) throw error;
      issues.push(contradiction(name, data, error));
      return [];
    }
  });
  if (issues.length > 0) return { issues };
  return {
    config: {
      database: data.database,
      knownHosts: data['known-hosts'],
      keepDays: data['keep-days'],
      metricsFile: data['metrics-file'],
      hostMetrics: hostMetricsOf(data['host-metrics']),
      exportFiles: data['export-files'] ?? [],
      ...receiversOf(data, data['time-zone']),
      netbox: data.netbox === undefined ? undefined : netboxOf(data.netbox),
      web: webOf(data.web),
      hub: data.hub,
      sites,
      networks,
    },
  };
}

/** A file that is written after each scan would replace the one of another field. */
function sharedFiles(data: ConfigFields): Issue[] {
  const fields = new Map<string, string>();
  return (['database', 'known-hosts', 'metrics-file', 'export-files'] as const).flatMap((field) => {
    const files = [data[field] ?? []].flat().map((file) => normalize(file));
    const [other] = files.flatMap((file) => fields.get(file) ?? []);
    for (const file of files) fields.set(file, field);
    if (other === undefined) return [];
    const message = fieldProblem(`names the file of ${other}`, 'name another');
    return [{ code: 'custom', path: [field], message, input: undefined }];
  });
}

/** @throws EchosweepError OPTION_INVALID if options of the sweep contradict each other */
function networkOf(name: string, all: ConfigFields, sites: readonly SiteConfig[]): NetworkConfig {
  const network = all.networks[name]!;
  return {
    name,
    ...sweepOf(name, network, { ...all.sweep, ...network.sweep }),
    site: network.site ?? null,
    atSite: sites.find((site) => site.name === network.site),
    tags: network.tags ?? [],
    schedule:
      network.schedule === undefined
        ? undefined
        : { cron: network.schedule, timeZone: network['time-zone'] ?? all['time-zone'] },
    rules: {
      missesUntilGone: network['gone-after'] ?? all['gone-after'],
      slowerFactor: network['slower-factor'] ?? all['slower-factor'],
      slowerByMs: network['slower-by'] ?? all['slower-by'],
    },
  };
}

/** The settings and targets of a network's sweeps, resolved here and nowhere else. */
function sweepOf(
  name: string,
  { targets: include, exclude = [] }: z.output<typeof networkFields>,
  fields: SweepFields,
): Pick<NetworkConfig, 'targets' | 'selection' | 'settings'> {
  const options = sweepOptionsOf(fields);
  const { includeEdges, firstAddress, allowLarge } = options;
  const { seed, ...settings } = resolveSettings({ ...options, targets: include });
  const asTargets = (texts: readonly string[], field: string): NetworkTarget[] =>
    texts.map((text) => ({ text, where: `networks.${name}.${field}` }));
  return {
    settings: options.seed === undefined ? settings : { ...settings, seed },
    targets: {
      include: asTargets(include, 'targets'),
      exclude: asTargets(exclude, 'exclude'),
    },
    selection: { includeEdges, firstAddress, allowLarge },
  };
}

/** The options of a network that contradict each other, as an issue of the field that holds them. */
function contradiction(
  name: string,
  all: ConfigFields,
  { problem, advice }: EchosweepError,
): Issue {
  const isOwn = all.networks[name]!.sweep !== undefined;
  return {
    code: 'custom',
    path: isOwn ? ['networks', name, 'sweep'] : ['sweep'],
    message: fieldProblem(`is wrong: ${problem}`, advice),
    input: undefined,
  };
}

function isOfHosts(path: string): boolean {
  const format = formatByEnding(path);
  return format !== undefined && HOST_FORMATS.includes(format);
}

/** The JSON Schema that editors complete a configuration from. */
export function configJsonSchema(): object {
  const schema = z.toJSONSchema(configFields, { io: 'input', target: 'draft-7' });
  return { title: 'echosweep inventory', ...schema };
}
