/** The software bill of materials, made by npm: every package that echosweep depends on, and the Node of the executables. */

import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../ensure.mjs';
import { manifest } from './application.mjs';
import { NODE_VERSION } from './npm-package.mjs';

const QUIET = ['--silent', '--ignore-scripts', '--no-audit', '--no-fund'];

/**
 * In a folder of its own, because npm leaves out of the list what the tools of development depend on too.
 * @returns {string} CycloneDX as JSON
 * @throws {Error} if a dependency is missing from npm's list
 */
export function billOfMaterials() {
  const scratch = mkdtempSync(join(tmpdir(), 'echosweep-bill-'));
  const { devDependencies: _ours, scripts: _scripts, ...shipped } = manifest();
  // npm names the list after the folder.
  const folder = join(scratch, shipped.name);
  try {
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify(shipped));
    cpSync(join(ROOT, 'package-lock.json'), join(folder, 'package-lock.json'));
    npm(folder, ['install', '--package-lock-only', ...QUIET]);
    const bill = JSON.parse(
      npm(folder, ['sbom', '--sbom-format', 'cyclonedx', '--package-lock-only']),
    );
    const listed = new Set(bill.components.map(({ name }) => name));
    const wanted = Object.keys({ ...shipped.dependencies, ...shipped.optionalDependencies });
    const missing = wanted.filter((name) => !listed.has(name));
    if (missing.length > 0) throw new Error(`npm's list lacks ${missing.join(', ')}`);
    bill.components.push({
      'bom-ref': `node@${NODE_VERSION}`,
      type: 'platform',
      name: 'node',
      version: NODE_VERSION,
      description: 'Part of the executables and of the packages for Linux',
      purl: `pkg:generic/node@${NODE_VERSION}`,
    });
    return `${JSON.stringify(bill, null, 2)}\n`;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

function npm(cwd, args) {
  return execFileSync('npm', args, {
    cwd,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
}
