/** Which room may import which; docs/architecture.md tells why. */

/** What everybody may import: the words that all rooms share. */
const SHARED = [
  '^src/(errors|file-errors|address|durations|mac-vendor|package-version|pause|random-octets|words)[.]ts$',
  '^src/results/',
];

/** A room sees itself, the shared words and what is listed; everything else of ours is closed to it. */
function room(name, path, may = []) {
  return {
    name: `${name}-imports`,
    severity: 'error',
    from: { path },
    to: { path: '^(src|workers)/', pathNot: [path, ...SHARED, ...may] },
  };
}

/** A package that only one room deals with, so that it can be exchanged there. */
function only(name, path, packages) {
  return {
    name: `${name}-only`,
    severity: 'error',
    from: { path: '^(src|workers)/', pathNot: path },
    to: { path: packages.map((each) => `(^|/)node_modules/${each}/`) },
  };
}

/** A room's folders that each know one system: everything else sees what the room makes of them. */
function systemFolders(name) {
  return {
    name: `${name}-systems-only-inside`,
    severity: 'error',
    from: { path: '^(src|workers)/', pathNot: `^src/${name}/` },
    to: { path: `^src/${name}/(linux|windows|darwin)/` },
  };
}

const OPTIONS = '^src/(options|option-spec|option-value|settings)[.]ts$';
const SCAN = '^src/scan[.]ts$';
const TEXT = '^src/text/';
const MESSAGES = '^workers/messages[.]ts$';

module.exports = {
  forbidden: [
    { name: 'no-cycle', severity: 'error', from: {}, to: { circular: true } },
    { name: 'resolvable', severity: 'error', from: {}, to: { couldNotResolve: true } },
    {
      name: 'nobody-imports-cli',
      severity: 'error',
      from: { pathNot: '^src/cli/' },
      to: { path: '^src/cli/' },
    },
    {
      name: 'nobody-imports-the-face',
      severity: 'error',
      from: { path: '^(src|workers)/' },
      to: { path: '^src/index[.]ts$' },
    },
    room(
      'shared',
      '^src/(errors|file-errors|address|durations|mac-vendor|package-version|pause|random-octets|words|results/.*)[.]ts$',
    ),
    room('options', OPTIONS, ['^src/names/dns-server[.]ts$']),
    room('text', TEXT),
    room('targets', '^src/targets/', [TEXT]),
    room('wire', '^src/wire/'),
    room('native', '^src/native/'),
    room('names', '^src/names/'),
    room('host-network', '^src/host-network/', ['^src/wire/', '^src/native/']),
    room('probe', '^src/probe/', ['^src/wire/', '^src/transport/contract[.]ts$']),
    room('transport', '^src/transport/', ['^src/wire/', '^src/host-network/', '^src/native/']),
    room('system-ping', '^src/system-ping/'),
    room('report', '^src/report/', [TEXT]),
    room('watch', '^src/watch/', ['^src/report/']),
    room('inventory', '^src/inventory/', [
      '^src/report/',
      '^src/names/name-lookup[.]ts$',
      OPTIONS,
      TEXT,
    ]),
    room('workers', '^workers/', ['^src/probe/', '^src/transport/', OPTIONS]),
    room('coordinator', '^src/coordinator/', [
      '^src/targets/',
      '^src/probe/',
      '^src/transport/',
      '^src/host-network/',
      '^src/system-ping/',
      MESSAGES,
      OPTIONS,
    ]),
    room('sweep', '^src/sweep(-base|-job|-plan|-rows|-targets)?[.]ts$', [
      '^src/targets/',
      '^src/probe/(schedule|shared-state)[.]ts$',
      '^src/transport/monotonic-clock[.]ts$',
      '^src/host-network/',
      '^src/names/',
      '^src/coordinator/',
      OPTIONS,
    ]),
    room('sweep-iterable', '^src/sweep-iterable[.]ts$', [
      '^src/targets/',
      '^src/names/',
      '^src/sweep(-job|-targets)?[.]ts$',
      OPTIONS,
    ]),
    room('scan', SCAN, [
      '^src/(sweep|sweep-job|sweep-targets)[.]ts$',
      '^src/targets/',
      '^src/inventory/',
      '^src/report/',
      OPTIONS,
    ]),
    room('sites', '^src/sites/', [
      '^src/sweep(-job)?[.]ts$',
      '^src/scan[.]ts$',
      '^src/coordinator/tally[.]ts$',
      '^src/targets/',
      '^src/inventory/',
      '^src/report/',
      '^src/names/printable-name[.]ts$',
      OPTIONS,
    ]),
    {
      name: 'sites-contract-knows-no-broker',
      severity: 'error',
      from: { path: '^src/sites/contract/' },
      to: { path: '^src/sites/(?!contract/)' },
    },
    room('service', '^src/service/', [SCAN, '^src/inventory/']),
    room('web', '^src/web/', ['^src/service/', SCAN, '^src/inventory/', '^src/report/', OPTIONS]),
    {
      name: 'web-page-runs-in-the-browser',
      comment:
        'the page knows the server by its API; of our code it shares the map and the charts with the report page, and names and words that run anywhere',
      severity: 'error',
      from: { path: '^src/web/page/' },
      to: {
        path: '^(src|workers)/|^(node:)',
        pathNot:
          '^src/(web|report/html)/page/|^src/report/html/totals-sentence[.]ts$|^src/inventory/map-states[.]ts$|^src/results/|^src/(address|durations|words)[.]ts$',
      },
    },
    {
      name: 'web-page-is-bundled',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/web/page/' },
      to: { path: '^src/web/page/' },
    },
    {
      name: 'inventory-folders-lead-inwards',
      comment:
        'config knows ipam and notify, these know the inventory itself, and none the other way round',
      severity: 'error',
      from: { path: '^src/inventory/[^/]+$' },
      to: { path: '^src/inventory/(config|ipam|notify)/' },
    },
    {
      name: 'inventory-ipam-knows-no-config',
      severity: 'error',
      from: { path: '^src/inventory/ipam/' },
      to: { path: '^src/inventory/config/' },
    },
    {
      name: 'inventory-notify-knows-no-config',
      severity: 'error',
      from: { path: '^src/inventory/notify/' },
      to: { path: '^src/inventory/(config|ipam)/' },
    },
    systemFolders('transport'),
    systemFolders('host-network'),
    {
      name: 'systems-load-their-own-code-only',
      severity: 'error',
      from: {
        path: '^(src|workers)/',
        pathNot: '/(linux|windows|darwin)/|^src/cli/systemd-notify[.]ts$',
      },
      to: { path: '^src/[^/]+/(linux|windows|darwin)/', dynamic: false },
    },
    {
      name: 'systems-know-nothing-of-each-other',
      severity: 'error',
      from: { path: '^src/[^/]+/(linux|windows|darwin)/' },
      to: {
        path: '^src/[^/]+/(linux|windows|darwin)/',
        pathNot: '^src/[^/]+/$1/',
      },
    },
    {
      name: 'native-where-the-system-is-met',
      severity: 'error',
      from: {
        path: '^(src|workers)/',
        pathNot:
          '^src/(native|host-network|transport)/|^src/cli/(process-end|systemd-notify)[.]ts$',
      },
      to: { path: '^src/native/' },
    },
    only('native', '^src/native/', ['koffi']),
    only('transport', '^src/transport/', ['raw-socket']),
    only('targets', '^src/targets/', ['ip-cidr']),
    only('pool', '^(src/coordinator|workers)/', ['piscina']),
    only('text', TEXT, ['csv-parse', 'sax']),
    only('mac-vendor', '^src/mac-vendor[.]ts$', ['oui-data']),
    only('report', '^src/report/', ['csv-stringify']),
    only('workbook', '^src/report/xlsx/', ['fflate']),
    only('inventory', '^src/inventory/', ['croner', 'libsql', 'nodemailer', 'smol-toml', 'yaml']),
    only('inventory-and-web', '^src/(inventory|web)/', ['zod']),
    only('web', '^src/web/', ['hono', '@hono/node-server', 'openid-client']),
    only('sites', '^src/sites/(nats|hub)/', ['@nats-io']),
    only('page', '^src/(report/html|web)/page/', ['uplot', '@tanstack/virtual-core']),
    only('web-page', '^src/web/page/', ['preact', '@preact/signals']),
    only('cli', '^src/cli/', ['cli-progress', 'commander']),
    {
      name: 'process-only-where-the-system-is-met',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/(cli|native|transport|system-ping)/' },
      to: { path: '^(node:)?process$' },
    },
  ],
  options: {
    // Imports of types alone count too: a room is closed to its neighbours' types as well.
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node'] },
  },
};
