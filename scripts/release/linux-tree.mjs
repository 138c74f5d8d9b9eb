/** The files that a Linux package installs, laid out below a folder: the command with its Node, pages, completion and units. */

import { execFileSync } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { COMMAND } from '../bundle-command.mjs';
import { MAIN, ROOT } from '../ensure.mjs';
import { filesIn } from './application.mjs';
import { nodeFor } from './npm-package.mjs';

/** Files that an administrator edits; an upgrade keeps them. */
export const CONFIG_FILES = ['/etc/echosweep/targets.txt'];

/** Units of the examples, by name. @public */
export const UNITS = {
  'echosweep.service': 'examples/systemd/echosweep.service',
  'echosweep.timer': 'examples/systemd/echosweep.timer',
  'echosweep-inventory.service': 'examples/inventory/echosweep-inventory.service',
};
/** The examples run as users that exist only while they run, and sweep this host. */
const UNIT_CHANGES = [
  [/^# [\s\S]*?(?=^\[Unit\])/m, ''],
  [/\/usr\/local\/bin\/echosweep /, '/usr/bin/echosweep '],
  [/127\.0\.0\.0\/28 --expect-up 14 -o report\.csv/, '-f /etc/echosweep/targets.txt -o report.csv'],
  [/^# A user that exists only while [\s\S]*?DynamicUser=yes$/m, 'User=echosweep\nGroup=echosweep'],
];

const LAUNCHER = `#!/bin/sh
exec /usr/lib/echosweep/node /usr/lib/echosweep/${COMMAND} "$@"
`;
/** sysusers.d(5). */
const SYSTEM_USER = `u echosweep - "Network sweeps of echosweep" /var/lib/echosweep
`;
const TARGETS = `# What echosweep.timer sweeps, one target a line: 192.0.2.0/24, 192.0.2.1-99, 2001:db8::/120 or a name.
127.0.0.1
`;

/**
 * @param {string} root an empty folder
 * @param {{ application: string, system: string, zshFolder: string }} parts
 */
export function layOut(root, { application, system, zshFolder }) {
  const put = (path, content, mode = 0o644) => {
    const full = join(root, path);
    mkdirSync(dirname(full), { recursive: true });
    writeFileSync(full, content);
    chmodSync(full, mode);
  };
  for (const path of filesIn(application).filter((each) => !each.endsWith('.map'))) {
    put(join('usr/lib/echosweep', path), readFileSync(join(application, path)));
  }
  cpSync(nodeFor(system), join(root, 'usr/lib/echosweep/node'));
  chmodSync(join(root, 'usr/lib/echosweep/node'), 0o755);
  put('usr/bin/echosweep', LAUNCHER, 0o755);
  for (const name of readdirSync(join(ROOT, 'man'))) {
    put(`usr/share/man/man1/${name}.gz`, gzipped(readFileSync(join(ROOT, 'man', name))));
  }
  put('usr/share/bash-completion/completions/echosweep', completionFor('bash'));
  put(`${zshFolder}/_echosweep`, completionFor('zsh'));
  put('usr/share/fish/vendor_completions.d/echosweep.fish', completionFor('fish'));
  for (const [name, source] of Object.entries(UNITS)) {
    put(`usr/lib/systemd/system/${name}`, packagedUnit(source));
  }
  put('usr/lib/sysusers.d/echosweep.conf', SYSTEM_USER);
  put('etc/echosweep/targets.txt', TARGETS);
  put('usr/share/doc/echosweep/changelog.gz', gzipped(readFileSync(join(ROOT, 'CHANGELOG.md'))));
  put('usr/share/doc/echosweep/copyright', readFileSync(join(application, 'LICENSES.txt')));
}

/** An example unit for the package's paths and user. @throws {Error} if it still has a user of its own @public */
export function packagedUnit(source) {
  const text = UNIT_CHANGES.reduce(
    (unit, [pattern, instead]) => unit.replace(pattern, instead),
    readFileSync(join(ROOT, source), 'utf8'),
  );
  if (/DynamicUser|\/usr\/local/.test(text)) throw new Error(`${source} is not as it was`);
  return text;
}

function completionFor(shell) {
  return execFileSync(process.execPath, [MAIN, 'completion', shell]);
}

/** Without a time, so that the same sources make the same package. */
function gzipped(content) {
  return gzipSync(content, { level: 9 });
}
