/** The report formats, one line each. A format's code is loaded when a report wants it. */

import type { ReportFormat } from './format.ts';
import { MOST_SHEET_ENTRIES } from './xlsx/sheet-limit.ts';

export interface FormatEntry {
  /** As `--format` takes it. */
  readonly name: string;
  /** Of the file names that mean this format. */
  readonly ending: string;
  /** One sentence for the documentation. */
  readonly description: string;
  /** Whether lists of records, such as changes, can be had in it: whether the format has `records`. */
  readonly takesRecords: boolean;
  /**
   * Whether it is a list of hosts for another program: of a sweep those that are up, of an inventory those that are up or
   * missing, unless others are named; and of nothing else. Whether the format has `hosts`.
   */
  readonly listsHosts?: true;
  /** Whether it shows the site of a host, so that an address may occur once for each site. */
  readonly takesSites?: true;
  /** Whether it is not text, so a terminal cannot show it. */
  readonly isBinary?: true;
  /** The most hosts or records that it has room for; undefined for no limit. */
  readonly mostEntries?: number;
  readonly load: () => Promise<ReportFormat>;
}

export const FORMATS: readonly FormatEntry[] = [
  {
    name: 'csv',
    ending: '.csv',
    description: 'One row per host, for spreadsheets and scripts.',
    takesRecords: true,
    takesSites: true,
    load: async () => (await import('./csv.ts')).CSV,
  },
  {
    name: 'jsonl',
    ending: '.jsonl',
    description: "One JSON record per host with each probe's RTT, between two records of the run.",
    takesRecords: true,
    takesSites: true,
    load: async () => (await import('./json-lines.ts')).JSON_LINES,
  },
  {
    name: 'table',
    ending: '.txt',
    description: 'Aligned columns, for a person.',
    takesRecords: true,
    takesSites: true,
    load: async () => (await import('./table.ts')).TABLE,
  },
  {
    name: 'html',
    ending: '.html',
    description: 'A page with a map, charts and a table, for a browser.',
    takesRecords: false,
    load: async () => (await import('./html.ts')).HTML,
  },
  {
    name: 'xlsx',
    ending: '.xlsx',
    description: 'A workbook for Excel and LibreOffice: hosts, summary and run.',
    takesRecords: true,
    takesSites: true,
    isBinary: true,
    mostEntries: MOST_SHEET_ENTRIES,
    load: async () => (await import('./xlsx.ts')).XLSX,
  },
  {
    name: 'parquet',
    ending: '.parquet',
    description: 'Typed and compressed columns for DuckDB, pandas and other analysis.',
    takesRecords: true,
    takesSites: true,
    isBinary: true,
    load: async () => (await import('./parquet.ts')).PARQUET,
  },
  {
    name: 'nmap-xml',
    ending: '.xml',
    description: "nmap's XML, as `nmap -sn -v -oX` writes it, for programs that read nmap.",
    takesRecords: false,
    load: async () => (await import('./nmap-xml.ts')).NMAP_XML,
  },
  {
    name: 'gnmap',
    ending: '.gnmap',
    description: "nmap's greppable output: a line per host, for grep and awk.",
    takesRecords: false,
    load: async () => (await import('./gnmap.ts')).GNMAP,
  },
  {
    name: 'markdown',
    ending: '.md',
    description: 'A table for a ticket or a wiki, in GitHub-flavoured Markdown.',
    takesRecords: true,
    takesSites: true,
    load: async () => (await import('./markdown.ts')).MARKDOWN,
  },
  {
    name: 'ecs',
    ending: '.ecs.json',
    description: 'Events in the Elastic Common Schema, a JSON object on each line.',
    takesRecords: true,
    load: async () => (await import('./ecs.ts')).ECS,
  },
  {
    name: 'syslog',
    ending: '.syslog',
    description: 'Lines of syslog (RFC 5424) with the values as structured data.',
    takesRecords: true,
    load: async () => (await import('./syslog.ts')).SYSLOG,
  },
  {
    name: 'influx',
    ending: '.lp',
    description: "Line protocol of InfluxDB, in the names of Telegraf's `ping` input.",
    takesRecords: false,
    load: async () => (await import('./influx.ts')).INFLUX,
  },
  {
    name: 'file-sd',
    ending: '.sd.json',
    description: 'Targets with labels, for the file-based service discovery of Prometheus.',
    takesRecords: false,
    listsHosts: true,
    load: async () => (await import('./file-sd.ts')).FILE_SD,
  },
  {
    name: 'zabbix-lld',
    ending: '.lld.json',
    description: 'Hosts as macros, for the low-level discovery of Zabbix.',
    takesRecords: false,
    listsHosts: true,
    load: async () => (await import('./zabbix-lld.ts')).ZABBIX_LLD,
  },
  {
    name: 'ansible',
    ending: '.ansible.json',
    description: 'A dynamic inventory for Ansible, with variables and groups.',
    takesRecords: false,
    listsHosts: true,
    load: async () => (await import('./ansible.ts')).ANSIBLE,
  },
];

/** The formats of lists other than a sweep's hosts. */
export const RECORD_FORMATS: readonly FormatEntry[] = FORMATS.filter(
  ({ takesRecords }) => takesRecords,
);

/** The formats of lists of an inventory's hosts. */
export const HOST_FORMATS: readonly FormatEntry[] = FORMATS.filter(
  ({ takesRecords, listsHosts }) => takesRecords || listsHosts,
);
