/** How the command's bundles differ from what esbuild would make of its modules: what is loaded later, or from another file. */

import { readFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';

/** Those whose one export is a class: loaded when the first object is made of it. */
const WHEN_MADE = ['ip-cidr'];

/** `crypto` takes five to ten milliseconds to load, each of the others one or two. */
const PARTS_OF_NODE_LATER = ['node:crypto', 'node:child_process', 'node:dgram', 'node:net'];

/** The one export of a file of many: loads each of them by its name. Making an export for each took 2 % of a small sweep. */
export function loader(modules) {
  const cases = modules.map(([name, specifier]) => {
    return `case ${JSON.stringify(name)}: return require(${JSON.stringify(specifier)});`;
  });
  return `exports.load = (name) => { switch (name) { ${cases.join('\n')} } };`;
}

/** Has parts of Node that a plain sweep does without loaded when something of them is first used. */
export function partsOfNodeLater() {
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
export function packagesApart(apart) {
  const fileOf = new Map(
    Object.entries(apart).flatMap(([name, specifiers]) =>
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

/** Has Piscina start its threads from another file, because its own is not in the bundle. @param file from the bundle */
export function piscinaWorkerIn(file) {
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

/** Has koffi's library loaded by its name: what koffi does to find it takes longer than to load it. */
export function koffiWithoutLoader(root) {
  const { version } = JSON.parse(
    readFileSync(join(root, 'node_modules/koffi/package.json'), 'utf8'),
  );
  const namespace = 'koffi-without-loader';
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^koffi$/ }, ({ path, namespace: from }) =>
        from === namespace ? { path, external: true } : { path, namespace },
      );
      // If packages are not all in one folder, or the library is of another version, koffi finds its own.
      standIn(
        build,
        namespace,
        () => `let library;
          try { library = require('@koromix/koffi-' + process.platform + '-' + process.arch); } catch {}
          module.exports = library?.version === '${version}' ? library : require('koffi');`,
      );
    },
  };
}

/** Has a worker load what it needs of Piscina, to have results moved, without the pool itself. */
export function moveOfPiscina(root) {
  const namespace = 'move-of-piscina';
  return {
    name: namespace,
    setup(build) {
      build.onResolve({ filter: /^piscina$/ }, ({ path }) => ({ path, namespace }));
      build.onLoad({ filter: /./, namespace }, () => ({
        resolveDir: join(root, 'node_modules/piscina/dist'),
        // What its own `move` does with an object that itself names the memory to be moved.
        contents: `import { markMovable } from './common.js';
          import { kTransferable as transferableSymbol, kValue as valueSymbol } from './symbols.js';
          const move = (value) => { markMovable(value); return value; };
          export const Piscina = { move, transferableSymbol, valueSymbol };`,
      }));
    },
  };
}

/**
 * Has modules of ours that are in another file loaded from there, so that each is there only once. What they export is
 * looked up once: doing so at each use took 7 % of the time in which a report of a million rows is read.
 */
export function modulesApart(root, modules, file, names) {
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
  return `require(${JSON.stringify(file)}).load(${JSON.stringify(name)})`;
}
