/** What docs/install.md says of the packages is what the scripts that build them do. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { ROOT, scriptUrl } from '../root.ts';
import { textOf } from './markdown.ts';

interface LinuxTree {
  readonly CONFIG_FILES: readonly string[];
  readonly UNITS: Readonly<Record<string, string>>;
  readonly packagedUnit: (source: string) => string;
}

const PAGE = textOf('docs/install.md');
// Plain JavaScript, which the compiler of the tests does not see.
const { CONFIG_FILES, UNITS, packagedUnit } = (await import(
  scriptUrl('scripts/release/linux-tree.mjs')
)) as LinuxTree;
const { SYSTEMS } = (await import(scriptUrl('scripts/release/npm-package.mjs'))) as {
  readonly SYSTEMS: readonly string[];
};

test('the page names every system, unit and configuration file of a release', () => {
  for (const name of [...SYSTEMS, ...Object.keys(UNITS), ...CONFIG_FILES]) {
    assert.ok(PAGE.includes(name), name);
  }
});

test('packaged services run the packaged command as the packaged user, with one capability', () => {
  for (const [name, source] of Object.entries(UNITS)) {
    const unit = packagedUnit(source);
    assert.match(unit, /^\[Unit\]\n/, name);
    if (!name.endsWith('.service')) continue;
    assert.match(unit, /^ExecStart=\/usr\/bin\/echosweep /m);
    assert.match(unit, /^User=echosweep\nGroup=echosweep\nAmbientCapabilities=CAP_NET_RAW\n/m);
    assert.match(unit, /^CapabilityBoundingSet=CAP_NET_RAW$/m);
    // ARP and NDP take packet sockets.
    assert.match(unit, /^RestrictAddressFamilies=.* AF_PACKET /m);
  }
  assert.match(
    packagedUnit('examples/systemd/echosweep.service'),
    / -f \/etc\/echosweep\/targets\.txt /,
  );
});

test('all of the example that protects the host is in the packaged unit', () => {
  const source = 'examples/inventory/echosweep-inventory.service';
  const settings = (text: string) =>
    text.split('\n').filter((line) => /^(?:Protect|Private|Restrict|Lock|System)/.test(line));
  const example = readFileSync(`${ROOT}${source}`, 'utf8');
  assert.ok(settings(example).length > 10);
  assert.deepEqual(settings(packagedUnit(source)), settings(example));
});
