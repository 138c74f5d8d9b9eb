/** Bundles the command into few files, so that it starts fast: its first file, all of its own code, a worker, and large packages apart. */

import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { licencesOf, packagesOf } from './licences.mjs';

/** Below the folder that is built into; the code finds its worker and the pages from here. */
export const COMMAND_FOLDER = 'src/bin';
/** Paths of what people start, and of all that is made, below that folder. */
export const COMMAND = `${COMMAND_FOLDER}/echosweep.cjs`;
const WORKER = 'workers/probe-block.mjs';
const LICENCES = `${COMMAND_FOLDER}/LICENSES.txt`;
/** Packages that stay packages: they load a library, a thread or data by the place of their own files. */
const KEPT_PACKAGES = ['koffi', 'raw-socket', 'libsql', 'piscina', 'oui-data'];
/** Large packages that a plain sweep does without, by the file that each goes into: what is imported of them. */
const APART = {
  'cli-progress': ['cli-progress'],
  croner: ['croner'],
  'csv-parse': ['csv-parse', 'csv-parse/sync'],
  fflate: ['fflate'],
  hono: ['hono', 'hono/cookie', '@hono/node-server'],
  nodemailer: ['nodemailer'],
  sax: ['sax'],
  'smol-toml': ['smol-toml'],
  yaml: ['yaml'],
  zod: ['zod'],
};

const OPTIONS = {
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
};
/** What CommonJS has instead of import.meta.url. */
const COMMON_JS = {
  ...OPTIONS,
  format: 'cjs',
  define: { 'import.meta.url': 'moduleUrl' },
  banner: { js: "const moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
};

/** Paths of the bundles below the folder that they are built into, in the order in which they are made. */
export const COMMAND_OUTPUTS = [
  ...[COMMAND, `${COMMAND_FOLDER}/command.cjs`, WORKER].flatMap((path) => [path, `${path}.map`]),
  ...Object.keys(APART).map((name) => `${COMMAND_FOLDER}/packages/${name}.cjs`),
  LICENCES,
];

/**
 * @param {string} root the folder of package.json
 * @param {string} folder has the pages where the compiler would put the code that reads them
 * @returns {Promise<string[]>} names of the packages in the bundles
 * @throws {Error} if a source is wrong, or a package has no licence
 */
export async function bundleCommand(root, folder) {
  const { build } = await import('esbuild');
  rmSync(join(folder, COMMAND_FOLDER), { recursive: true, force: true });
  mkdirSync(join(folder, COMMAND_FOLDER, 'packages'), { recursive: true });
  const inFolder = { absWorkingDir: root, external: KEPT_PACKAGES };
  const commonJs = { ...COMMON_JS, ...inFolder };
  const built = await Promise.all([
    build({
      ...commonJs,
      entryPoints: ['src/cli/start.ts'],
      outfile: join(folder, COMMAND),
      banner: { js: `#!/usr/bin/env node\n${COMMON_JS.banner.js}` },
    }),
    build({
      ...commonJs,
      entryPoints: ['src/cli/main.ts'],
      outfile: join(folder, COMMAND_FOLDER, 'command.cjs'),
      plugins: [packagesApart()],
    }),
    ...Object.entries(APART).map(([name, specifiers]) =>
      build({
        ...commonJs,
        sourcemap: false,
        stdin: { contents: specifiers.map(lazyExport).join('\n'), resolveDir: root },
        outfile: join(folder, COMMAND_FOLDER, `packages/${name}.cjs`),
      }),
    ),
    build({
      ...OPTIONS,
      ...inFolder,
      format: 'esm',
      entryPoints: ['workers/probe-block.ts'],
      outfile: join(folder, WORKER),
    }),
  ]);
  const bundled = packagesOf(built.flatMap(({ metafile }) => Object.keys(metafile.inputs)));
  writeFileSync(join(folder, LICENCES), licencesOf(root, bundled));
  return bundled;
}

/** One entry of a file of packages: loaded when it is first used. */
function lazyExport(specifier) {
  const name = JSON.stringify(specifier);
  return `Object.defineProperty(exports, ${name}, { get: () => require(${name}) });`;
}

/** Has the packages that go into files of their own loaded from there. */
function packagesApart() {
  const fileOf = new Map(
    Object.entries(APART).flatMap(([file, specifiers]) => specifiers.map((each) => [each, file])),
  );
  return {
    name: 'packages-apart',
    setup(build) {
      build.onResolve({ filter: /^[@a-z]/ }, ({ path, kind }) =>
        fileOf.has(path) && kind !== 'entry-point' ? { path, namespace: 'apart' } : undefined,
      );
      build.onResolve({ filter: /^[.]\/packages\//, namespace: 'apart' }, ({ path }) => ({
        path,
        external: true,
      }));
      build.onLoad({ filter: /./, namespace: 'apart' }, ({ path }) => ({
        contents: `module.exports = require('./packages/${fileOf.get(path)}.cjs')[${JSON.stringify(path)}];`,
      }));
    },
  };
}
