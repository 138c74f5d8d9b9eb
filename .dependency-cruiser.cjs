/** Which room may import which; docs/architecture.md tells why. */

/** What everybody may import: the words that all rooms share. */
const SHARED = [
  '^src/(errors|file-errors|address|checksum|package-version)[.]ts$',
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

const OPTIONS = '^src/(options|option-spec|option-value|settings)[.]ts$';
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
    room('shared', '^src/(errors|file-errors|address|checksum|package-version|results/.*)[.]ts$'),
    room('options', OPTIONS),
    room('text', TEXT),
    room('targets', '^src/targets/', [TEXT]),
    room('probe', '^src/probe/', ['^src/transport/contract[.]ts$']),
    room('transport', '^src/transport/'),
    room('system-ping', '^src/system-ping/'),
    room('report', '^src/report/', [TEXT]),
    room('inventory', '^src/inventory/', ['^src/report/', TEXT]),
    room('workers', '^workers/', ['^src/probe/', '^src/transport/', OPTIONS]),
    room('coordinator', '^src/coordinator/', [
      '^src/targets/',
      '^src/probe/',
      '^src/transport/',
      '^src/system-ping/',
      MESSAGES,
      OPTIONS,
    ]),
    only('transport', '^src/transport/', ['koffi', 'raw-socket']),
    only('targets', '^src/targets/', ['ip-cidr', 'sax']),
    only('pool', '^(src/coordinator|workers)/', ['piscina']),
    only('text', TEXT, ['csv-parse']),
    only('report', '^src/report/', ['csv-stringify']),
    only('inventory', '^src/inventory/', [
      'croner',
      'libsql',
      'nodemailer',
      'oui-data',
      'smol-toml',
      'yaml',
    ]),
    only('config', '^src/(inventory|cli)/', ['zod']),
    only('page', '^src/report/html/page/', ['uplot', '@tanstack/virtual-core']),
    only('cli', '^src/cli/', ['cli-progress', 'commander']),
    {
      name: 'process-only-where-the-system-is-met',
      severity: 'error',
      from: { path: '^(src|workers)/', pathNot: '^src/(cli|transport|system-ping)/' },
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
