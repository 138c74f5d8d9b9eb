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
import { dirname, join } from 'node:path';
import { bundleCommand } from '../bundle-command.mjs';
import { PAGE_OUTPUTS } from '../bundle-page.mjs';
import { ROOT } from '../ensure.mjs';
import { licencesOf } from '../licences.mjs';
import { fetchPackage, nodeLicence } from './npm-package.mjs';

/**
 * Packages that stay packages: they load a library or data by the place of their own files. Patterns say what is needed of
 * them to run.
 */
const KEPT_WHOLE = {
  koffi: /^(?:index|indirect)[.]c?js$|^src\/koffi\/.*[.]c?js$|^package[.]json$|^LICENSE/,
  'oui-data': /^index[.]json$|^package[.]json$|^LICENSE/,
};

/**
 * @param {string} folder emptied first
 * @param {{ platform: string, arch: string }} system
 * @returns {Promise<void>}
 */
export async function bundleApplication(folder, { platform, arch }) {
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  const bundled = await bundleCommand(ROOT, folder);
  for (const part of PAGE_OUTPUTS) {
    mkdirSync(dirname(join(folder, part)), { recursive: true });
    cpSync(join(ROOT, 'dist', part), join(folder, part));
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
  const places = Object.fromEntries(kept.map(({ name: each, from }) => [each, from]));
  const texts = licencesOf(ROOT, [...bundled, ...Object.keys(places)], places);
  writeFileSync(join(folder, 'LICENSES.txt'), `${texts}\nNode\n\n${nodeLicence()}`);
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
