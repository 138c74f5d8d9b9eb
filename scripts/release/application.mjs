/** Bundles the command for one system into a folder that needs Node alone: few files, so that it starts fast. */

import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { build } from 'esbuild';
import { PAGE_OUTPUTS } from '../bundle-page.mjs';
import { ROOT } from '../ensure.mjs';
import { fetchPackage } from './npm-package.mjs';

/** Where the bundles find each other, as the compiled files do: two folders below package.json. */
const BUNDLES = 'src/bundles';
/** Threads start from files of their own. */
const ENTRIES = ['src/cli/main.ts', 'workers/probe-block.ts'];
/**
 * Packages that stay packages: they load a library, a thread or data by the place of their own files. Patterns say what
 * is needed of them to run.
 */
const KEPT_WHOLE = {
  koffi: /^(?:index|indirect)[.]c?js$|^src\/koffi\/.*[.]c?js$|^package[.]json$|^LICENSE/,
  piscina: /^dist\/.*[.]m?js$|^package[.]json$|^LICENSE/,
  'oui-data': /^index[.]json$|^package[.]json$|^LICENSE/,
};
/** Compiled for one version of Node each; the Node that comes along has SQLite, and sockets work by koffi. */
const LEFT_OUT = ['raw-socket', 'libsql'];
/** Some libraries in the bundle are CommonJS and load modules of Node. */
const BANNER =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/**
 * @param {string} folder emptied first
 * @param {{ platform: string, arch: string }} system
 * @returns {Promise<void>}
 */
export async function bundleApplication(folder, { platform, arch }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const { metafile } = await build({
    absWorkingDir: ROOT,
    entryPoints: ENTRIES,
    outbase: '.',
    outdir: folder,
    chunkNames: `${BUNDLES}/[name]-[hash]`,
    bundle: true,
    splitting: true,
    minifySyntax: true,
    minifyWhitespace: true,
    // Names stay, for the stacks of unexpected errors.
    keepNames: false,
    platform: 'node',
    target: 'node22',
    format: 'esm',
    sourcemap: 'external',
    metafile: true,
    banner: { js: BANNER },
    external: [...Object.keys(KEPT_WHOLE), ...LEFT_OUT],
    legalComments: 'none',
    logLevel: 'warning',
  });
  // The files of the pages are read next to the code that reads them.
  for (const part of PAGE_OUTPUTS) {
    cpSync(join(ROOT, 'dist', part), join(folder, BUNDLES, basename(part)));
  }
  const kept = [
    ...Object.entries(KEPT_WHOLE).map(([name, needed]) => ({
      name,
      from: packageFolder(name),
      needed,
    })),
    { name: `@koromix/koffi-${platform}-${arch}`, from: koffiLibrary(platform, arch), needed: /./ },
  ];
  for (const { name, from, needed } of kept) {
    copyMatching(from, join(folder, 'node_modules', name), needed);
  }
  const { name, version, license } = manifest();
  const ours = { name, version, license, type: 'module' };
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(ours)}\n`);
  const bundled = bundledPackages(metafile).map((each) => ({
    name: each,
    from: packageFolder(each),
  }));
  writeFileSync(join(folder, 'LICENSES.txt'), licences([...bundled, ...kept]));
}

/** Our own package.json. */
export function manifest() {
  return JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
}

/** Source maps, which are next to the bundles. @returns {string[]} paths below the folder */
export function sourceMapsIn(folder) {
  return filesIn(folder).filter((path) => path.endsWith('.map'));
}

/** @returns {string[]} paths below the folder, with slashes */
export function filesIn(folder) {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(folder.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort();
}

function packageFolder(name) {
  return join(ROOT, 'node_modules', name);
}

/** npm installs koffi's library for this system alone. */
function koffiLibrary(platform, arch) {
  const name = `@koromix/koffi-${platform}-${arch}`;
  const own = packageFolder(name);
  if (existsSync(own)) return own;
  const { version } = JSON.parse(
    readFileSync(join(packageFolder('koffi'), 'package.json'), 'utf8'),
  );
  return fetchPackage(name, version);
}

function copyMatching(from, to, needed) {
  for (const path of filesIn(from).filter((each) => needed.test(each))) {
    mkdirSync(dirname(join(to, path)), { recursive: true });
    cpSync(join(from, path), join(to, path));
  }
}

function bundledPackages({ inputs }) {
  const names = Object.keys(inputs).map(
    (path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1],
  );
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/** @throws {Error} if a package has no licence, because then it must not be passed on */
function licences(packages) {
  const texts = packages.map(({ name, from }) => {
    const { license, version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    if (license === undefined) throw new Error(`${name} has no licence`);
    const file = readdirSync(from).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : `\n${readFileSync(join(from, file), 'utf8').trim()}\n`;
    return `${name} ${version}: ${license}\n${text}`;
  });
  const own = readFileSync(join(ROOT, 'LICENSE'), 'utf8');
  return [`echosweep\n\n${own}`, ...texts].join(`\n${'-'.repeat(78)}\n\n`);
}
