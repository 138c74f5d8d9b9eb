/**
 * Bundles the command into few files, so that it starts fast: what a plain sweep needs, the rest of our code, a worker, and
 * large packages apart.
 */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { packagesOfPages } from './bundle-page.mjs';
import {
  koffiWithoutLoader,
  loader,
  modulesApart,
  moveOfPiscina,
  packagesApart,
  partsOfNodeLater,
  piscinaWorkerIn,
} from './bundle-plugins.mjs';
import { licencesOf, packagesOf } from './licences.mjs';

/** All bundles are in this folder below the one that is built into; the code finds the pages from here. */
export const COMMAND_FOLDER = 'src/bin';
/** What threads start, next to it. */
const WORKER = 'probe-block.cjs';
/** What people start. */
export const COMMAND = `${COMMAND_FOLDER}/echosweep.cjs`;
/** Paths of what is always there. */
export const COMMAND_OUTPUTS = [
  COMMAND,
  ...[
    'command.cjs',
    'command.cjs.map',
    'rest.cjs',
    'rest.cjs.map',
    WORKER,
    `${WORKER}.map`,
    'LICENSES.txt',
  ].map((name) => `${COMMAND_FOLDER}/${name}`),
];
/** What a plain sweep loads when it is needed; of other modules, only their static imports go into the same file. */
const NEAR = [
  'src/cli/main.ts',
  'src/cli/sweep-command.ts',
  'src/coordinator/worker-engine.ts',
  'src/coordinator/worker-pool.ts',
  'src/host-network/linux/link-tables.ts',
  'src/host-network/linux/linux-network.ts',
  'src/report/csv.ts',
  'src/transport/linux/capabilities.ts',
  'src/transport/linux/linux-sockets.ts',
];
/** Packages that stay packages: they load a library or data by the place of their own files. */
const KEPT_PACKAGES = ['koffi', 'raw-socket', 'libsql', 'oui-data'];
/** Large packages that a plain sweep does without, by the file that each goes into: what is imported of them. */
const APART = {
  'cli-progress': ['cli-progress'],
  croner: ['croner'],
  'csv-parse': ['csv-parse', 'csv-parse/sync'],
  fflate: ['fflate'],
  hono: ['hono', 'hono/cookie', '@hono/node-server'],
  'ip-cidr': ['ip-cidr'],
  nats: ['@nats-io/transport-node', '@nats-io/jetstream', '@nats-io/nkeys'],
  nodemailer: ['nodemailer'],
  piscina: ['piscina'],
  sax: ['sax'],
  'smol-toml': ['smol-toml'],
  yaml: ['yaml'],
  zod: ['zod'],
};

const PARAMETERS = 'exports, require, module, __filename, __dirname';
/** Around a CommonJS module that src/cli/kept-code.ts runs as a script, where `this` is the global object. */
const AS_SCRIPT_TOO = [
  `(this === globalThis ? (run) => run : (run) => run(${PARAMETERS}))(function (${PARAMETERS}) {`,
  '})',
];

const COMMON_JS = {
  bundle: true,
  platform: 'node',
  target: 'node20.19',
  minifySyntax: true,
  minifyWhitespace: true,
  // Names stay, for the stacks of unexpected errors.
  keepNames: false,
  legalComments: 'none',
  logLevel: 'silent',
  metafile: true,
  sourcemap: 'linked',
  sourcesContent: false,
  format: 'cjs',
  // What CommonJS has instead of import.meta.url.
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/**
 * @param {string} root the folder of package.json
 * @param {string} folder has the pages where the compiler would put the code that reads them
 * @returns {Promise<string[]>} names of the packages in the bundles and in the pages
 * @throws {Error} if a source is wrong, or a package has no licence
 */
export async function bundleCommand(root, folder) {
  const { build } = await import('esbuild');
  const bin = join(folder, COMMAND_FOLDER);
  rmSync(bin, { recursive: true, force: true });
  mkdirSync(join(bin, 'packages'), { recursive: true });
  const commonJs = { ...COMMON_JS, absWorkingDir: root, external: KEPT_PACKAGES };
  const { wanted, far } = await modulesOf(build, root, {
    ...commonJs,
    plugins: [packagesApart(APART)],
  });
  const names = await namesOf(build, root, [...wanted, ...far]);
  const built = await Promise.all([
    build({
      ...commonJs,
      entryPoints: ['src/cli/start.ts'],
      sourcemap: false,
      outfile: join(folder, COMMAND),
      banner: { js: `#!/usr/bin/env node\n${COMMON_JS.banner.js}` },
      plugins: [partsOfNodeLater()],
    }),
    build({
      ...commonJs,
      stdin: { contents: `${loaderOf(wanted)}\nrequire('./src/cli/main.ts');`, resolveDir: root },
      outfile: join(bin, 'command.cjs'),
      banner: { js: `${AS_SCRIPT_TOO[0]}${COMMON_JS.banner.js}` },
      footer: { js: AS_SCRIPT_TOO[1] },
      // src/cli/kept-code.ts cannot load a file with import().
      supported: { 'dynamic-import': false },
      plugins: [
        koffiWithoutLoader(root),
        partsOfNodeLater(),
        packagesApart(APART),
        modulesApart(root, far, './rest.cjs', names),
      ],
    }),
    build({
      ...commonJs,
      stdin: { contents: loaderOf(far), resolveDir: root },
      outfile: join(bin, 'rest.cjs'),
      plugins: [packagesApart(APART), modulesApart(root, wanted, './command.cjs', names)],
    }),
    ...Object.entries(APART).map(([name, specifiers]) =>
      build({
        ...commonJs,
        sourcemap: false,
        stdin: { contents: loader(specifiers.map((each) => [each, each])), resolveDir: root },
        outfile: join(bin, `packages/${name}.cjs`),
        plugins: [piscinaWorkerIn(`../${WORKER}`)],
      }),
    ),
    build({
      ...commonJs,
      // Piscina starts its own worker, which then requires ours: here both are one file.
      stdin: {
        contents: `import './node_modules/piscina/dist/worker.js';
          export { default } from './workers/probe-block.ts';`,
        resolveDir: root,
      },
      outfile: join(bin, WORKER),
      plugins: [koffiWithoutLoader(root), partsOfNodeLater(), moveOfPiscina(root)],
      // For threads of another priority, which ours do not have.
      external: [...KEPT_PACKAGES, '@napi-rs/nice'],
      supported: { 'dynamic-import': false },
    }),
  ]);
  const inCommand = packagesOf(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  const bundled = [...new Set([...inCommand, ...packagesOfPages(join(root, 'dist'))])].sort();
  writeFileSync(join(bin, 'LICENSES.txt'), licencesOf(root, bundled));
  return bundled;
}

/**
 * Our modules that a file loads from another: those of the near ones, and of all that they import at once, that other
 * modules want, and the far ones, which are imported later.
 */
async function modulesOf(build, root, options) {
  const { metafile } = await build({
    ...options,
    entryPoints: ['src/cli/main.ts'],
    outfile: join(root, 'command.cjs'),
    write: false,
  });
  const near = new Set();
  const wanted = new Set();
  const far = new Set();
  const add = (path) => {
    if (near.has(path) || !path.startsWith('src/')) return;
    near.add(path);
    for (const each of metafile.inputs[path].imports)
      if (each.kind === 'import-statement' && !each.external) add(each.path);
  };
  for (const path of NEAR) add(path);
  for (const [from, { imports }] of Object.entries(metafile.inputs)) {
    for (const { path, kind } of imports) {
      if (near.has(path) && !near.has(from)) wanted.add(path);
      if (kind === 'dynamic-import' && path.startsWith('src/') && !near.has(path)) far.add(path);
    }
  }
  return { wanted, far };
}

function loaderOf(modules) {
  return loader([...modules].map((path) => [path, `./${path}`]));
}

/** What modules of ours export, by path. */
async function namesOf(build, root, paths) {
  const { metafile } = await build({
    absWorkingDir: root,
    entryPoints: paths,
    outdir: join(root, 'nowhere'),
    outbase: root,
    format: 'esm',
    metafile: true,
    write: false,
    logLevel: 'silent',
  });
  return new Map(
    Object.values(metafile.outputs).map(({ entryPoint, exports }) => [entryPoint, exports]),
  );
}
