/**
 * Bundles the command into few files, so that it starts fast: what a plain sweep needs, the rest of our code, a worker, and
 * large packages apart.
 */

import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { packagesOfPages } from './bundle-page.mjs';
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

/** Those whose one export is a class: loaded when the first object is made of it. */
const WHEN_MADE = ['ip-cidr'];

/** Each takes a millisecond or two to load. */
const PARTS_OF_NODE_LATER = ['node:child_process', 'node:dgram', 'node:net'];

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
  const { near, far } = await modulesOf(build, root, { ...commonJs, plugins: [packagesApart()] });
  const names = await namesOf(build, root, [...near, ...far]);
  const built = await Promise.all([
    build({
      ...commonJs,
      entryPoints: ['src/cli/start.ts'],
      sourcemap: false,
      outfile: join(folder, COMMAND),
      banner: { js: `#!/usr/bin/env node\n${COMMON_JS.banner.js}` },
    }),
    build({
      ...commonJs,
      stdin: { contents: `${lazyExports(near)}\nrequire('./src/cli/main.ts');`, resolveDir: root },
      outfile: join(bin, 'command.cjs'),
      // src/cli/kept-code.ts cannot load a file with import().
      supported: { 'dynamic-import': false },
      plugins: [partsOfNodeLater(), packagesApart(), modulesApart(root, far, './rest.cjs', names)],
    }),
    build({
      ...commonJs,
      stdin: { contents: lazyExports(far), resolveDir: root },
      outfile: join(bin, 'rest.cjs'),
      plugins: [packagesApart(), modulesApart(root, near, './command.cjs', names)],
    }),
    ...Object.entries(APART).map(([name, specifiers]) =>
      build({
        ...commonJs,
        sourcemap: false,
        stdin: {
          contents: specifiers.map((each) => lazyExport(each, each)).join('\n'),
          resolveDir: root,
        },
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
      plugins: [moveOfPiscina(root)],
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

/** Our modules by the file that each goes into: near with all that they import at once, far that are imported later. */
async function modulesOf(build, root, options) {
  const { metafile } = await build({
    ...options,
    entryPoints: ['src/cli/main.ts'],
    outfile: join(root, 'command.cjs'),
    write: false,
  });
  const near = new Set();
  const far = new Set();
  const add = (path) => {
    if (near.has(path) || !path.startsWith('src/')) return;
    near.add(path);
    for (const each of metafile.inputs[path].imports)
      if (each.kind === 'import-statement' && !each.external) add(each.path);
  };
  for (const path of NEAR) add(path);
  for (const { imports } of Object.values(metafile.inputs))
    for (const { path, kind } of imports)
      if (kind === 'dynamic-import' && path.startsWith('src/') && !near.has(path)) far.add(path);
  return { near, far };
}

function lazyExports(modules) {
  return [...modules].map((path) => lazyExport(path, `./${path}`)).join('\n');
}

/** One export of a file of many: loaded when it is first used. */
function lazyExport(name, specifier) {
  const load = `require(${JSON.stringify(specifier)})`;
  return `Object.defineProperty(exports, ${JSON.stringify(name)}, { get: () => ${load} });`;
}

/** Has parts of Node that a plain sweep does without loaded when something of them is first used. */
function partsOfNodeLater() {
  return {
    name: 'parts-of-node-later',
    setup(build) {
      const namespace = 'part-of-node';
      build.onResolve({ filter: /^node:/ }, ({ path, namespace: from }) =>
        PARTS_OF_NODE_LATER.includes(path) && from !== namespace ? { path, namespace } : undefined,
      );
      standIn(build, namespace, async (path) => {
        const { default: part } = await import(path);
        const getters = Object.keys(part).map(
          (name) => `get ${name}() { return require('${path}').${name}; }`,
        );
        return `module.exports = { ${getters.join(', ')} };`;
      });
    },
  };
}

/** Has the packages that go into files of their own loaded from there. */
function packagesApart() {
  const fileOf = new Map(
    Object.entries(APART).flatMap(([name, specifiers]) =>
      specifiers.map((each) => [each, `./packages/${name}.cjs`]),
    ),
  );
  return {
    name: 'packages-apart',
    setup(build) {
      build.onResolve({ filter: /^[@a-z]/ }, ({ path }) =>
        fileOf.has(path) ? { path, namespace: 'package' } : undefined,
      );
      standIn(build, 'package', (path) => {
        const loaded = inFile(fileOf.get(path), path);
        if (!WHEN_MADE.includes(path)) return `module.exports = ${loaded};`;
        const construct = `(_, values) => new (${loaded}.default)(...values)`;
        return `module.exports = new Proxy(class {}, { construct: ${construct} });`;
      });
    },
  };
}

/** Has Piscina start its threads with another file than its own, which is not there. @param file from the bundle */
function piscinaWorkerIn(file) {
  const own = "'worker.js'";
  return {
    name: 'piscina-worker',
    setup(build) {
      build.onLoad({ filter: /[/\\]piscina[/\\]dist[/\\]index[.]js$/ }, ({ path }) => {
        const parts = readFileSync(path, 'utf8').split(own);
        if (parts.length !== 2)
          throw new Error(`${path} does not name ${own} once: see how it starts threads`);
        return { contents: parts.join(JSON.stringify(file)) };
      });
    },
  };
}

/** Has a worker load what it needs of Piscina, to have results moved, without the pool itself. */
function moveOfPiscina(root) {
  const namespace = 'move-of-piscina';
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^piscina$/ }, ({ path }) => ({ path, namespace }));
      build.onLoad({ filter: /./, namespace }, () => ({
        resolveDir: join(root, 'node_modules/piscina/dist'),
        // As its own, for what says itself which of its memory is to be moved.
        contents: `import { markMovable } from './common.js';
          import { kTransferable as transferableSymbol, kValue as valueSymbol } from './symbols.js';
          const move = (value) => { markMovable(value); return value; };
          export const Piscina = { move, transferableSymbol, valueSymbol };`,
      }));
    },
  };
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

/**
 * Has modules of ours that are in another file loaded from there, so that each is there only once. What they export is
 * looked up once: doing so at each use took 7 % of the time in which a report of a million rows is read.
 */
function modulesApart(root, modules, file, names) {
  return {
    name: 'modules-apart',
    setup(build) {
      build.onResolve({ filter: /^[.]/, namespace: 'file' }, ({ path, resolveDir, importer }) => {
        const source = relative(root, join(resolveDir, path)).split(sep).join('/');
        if (importer === '' || importer === '<stdin>' || !modules.has(source)) return undefined;
        return { path: source, namespace: 'module' };
      });
      standIn(build, 'module', (path) => {
        const list = names.get(path).join(', ');
        return `const { ${list} } = ${inFile(file, path)};\nexport { ${list} };`;
      });
    },
  };
}

/** What stands for a module that is in another file; `contentsOf` gives its code by its path. */
function standIn(build, namespace, contentsOf) {
  build.onResolve({ filter: /^[.]/, namespace }, ({ path }) => ({ path, external: true }));
  build.onLoad({ filter: /./, namespace }, async ({ path }) => ({
    contents: await contentsOf(path),
  }));
}

function inFile(file, name) {
  return `require(${JSON.stringify(file)})[${JSON.stringify(name)}]`;
}
