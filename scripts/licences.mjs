/** Collects the licences of the packages that a bundle is made of. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const SEPARATOR = `\n${'-'.repeat(78)}\n\n`;

/** @param {readonly string[]} inputs paths from the root @returns {string[]} names of the packages among them */
export function packagesOf(inputs) {
  const names = inputs.map((path) => /^node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(path)?.[1]);
  return [...new Set(names.filter((name) => name !== undefined))].sort();
}

/**
 * Our own licence, then one of each package.
 * @param {string} root @param {readonly string[]} names
 * @param {Readonly<Record<string, string>>} places of packages that are not in node_modules
 * @throws {Error} if a package has no licence, because then it must not be passed on
 */
export function licencesOf(root, names, places = {}) {
  const texts = names.map((name) => {
    const from = places[name] ?? join(root, 'node_modules', name);
    const { license, version } = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8'));
    if (license === undefined) throw new Error(`${name} has no licence`);
    const file = readdirSync(from).find((each) => /^licen[cs]e/i.test(each));
    const text = file === undefined ? '' : `\n${readFileSync(join(from, file), 'utf8').trim()}\n`;
    return `${name} ${version}: ${license}\n${text}`;
  });
  const own = readFileSync(join(root, 'LICENSE'), 'utf8');
  return [`echosweep\n\n${own}`, ...texts].join(SEPARATOR);
}
