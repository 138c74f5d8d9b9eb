/**
 * `npm run release -- --dry-run [--system linux-x64]… [--output FOLDER]`: all that a release consists of in one folder,
 * with checksums. Publishes nothing.
 */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { ROOT } from '../ensure.mjs';
import { makeReady } from '../make-ready.mjs';
import { fetchedPackages, SYSTEMS } from './npm-package.mjs';
import { provenance } from './provenance.mjs';

const OWN_FOLDER = join(ROOT, 'release');
const { values } = parseArgs({
  options: {
    'dry-run': { type: 'boolean', default: false },
    system: { type: 'string', multiple: true, default: SYSTEMS },
    output: { type: 'string', default: OWN_FOLDER },
  },
});
const FOLDER = resolve(values.output);
const SUMS = 'SHA256SUMS';
/** The exit code for a wrong command line. */
const EXIT_WRONG = 3;

if (!values['dry-run']) {
  refuse('this publishes nothing: use --dry-run, check the files, and publish them yourself');
}
const unknown = values.system.find((system) => !SYSTEMS.includes(system));
if (unknown !== undefined) refuse(`unknown system ${unknown}: use ${SYSTEMS.join(', ')}`);
// The folder is emptied.
if (FOLDER !== OWN_FOLDER && holdsOtherFiles(FOLDER)) {
  refuse(`${FOLDER} holds something other than a release: choose another folder, or empty it`);
}

// The modes of what is packed do not depend on who builds it.
process.umask(0o022);
const startedOn = new Date();
await makeReady();
const { bundleApplication, manifest, sourceMapsIn } = await import('./application.mjs');
const { billOfMaterials } = await import('./bill-of-materials.mjs');
const { buildExecutable } = await import('./executable.mjs');
const { buildDeb, buildRpm } = await import('./linux-packages.mjs');
const { version } = manifest();

rmSync(FOLDER, { recursive: true, force: true });
mkdirSync(FOLDER, { recursive: true });
const pack = ['pack', '--silent', '--ignore-scripts', '--pack-destination', FOLDER];
execFileSync('npm', pack, { cwd: ROOT, stdio: ['ignore', 'ignore', 'inherit'] });
writeFileSync(join(FOLDER, `echosweep-${version}.cdx.json`), billOfMaterials());
writeFileSync(join(FOLDER, 'RELEASE-NOTES.md'), releaseNotes());
for (const system of values.system) await buildFor(system);
writeFileSync(join(FOLDER, `echosweep-${version}.intoto.json`), statement());
const names = readdirSync(FOLDER).sort();
writeFileSync(join(FOLDER, SUMS), names.map((name) => `${sha256Of(name)}  ${name}\n`).join(''));
for (const name of names) {
  const megabytes = (statSync(join(FOLDER, name)).size / 1e6).toFixed(1);
  process.stdout.write(`${megabytes.padStart(7)} MB  ${name}\n`);
}

async function buildFor(system) {
  const [platform, arch] = system.split('-');
  const application = join(ROOT, '.cache/release/application', system);
  await bundleApplication(application, { platform, arch });
  const parts = { application, system, folder: FOLDER };
  buildExecutable(parts);
  if (platform === 'linux') {
    buildDeb(parts);
    buildRpm(parts);
  }
  // The bundles are the same for every system.
  if (system === values.system[0]) {
    const maps = join(FOLDER, `echosweep-${version}-source-maps.tar.gz`);
    execFileSync('tar', ['-czf', maps, '-C', application, ...sourceMapsIn(application)]);
  }
}

function statement() {
  return provenance({
    subjects: readdirSync(FOLDER)
      .sort()
      .map((name) => ({ name, sha256: sha256Of(name) })),
    systems: values.system,
    fetched: fetchedPackages(),
    startedOn,
    finishedOn: new Date(),
  });
}

/** The newest section of the changelog. */
function releaseNotes() {
  const [, newest] = readFileSync(join(ROOT, 'CHANGELOG.md'), 'utf8').split(/^(?=## )/m);
  return newest;
}

function sha256Of(name) {
  return createHash('sha256')
    .update(readFileSync(join(FOLDER, name)))
    .digest('hex');
}

function holdsOtherFiles(folder) {
  return existsSync(folder) && readdirSync(folder).length > 0 && !existsSync(join(folder, SUMS));
}

function refuse(line) {
  process.stderr.write(`echosweep: ${line}\n`);
  process.exit(EXIT_WRONG);
}
