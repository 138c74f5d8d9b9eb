/** `node scripts/release/try-packages.mjs FOLDER`: installs, uses and removes what `npm run release` made for Linux on systems that have next to nothing. */

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../ensure.mjs';
import { makeMinimalDebian, report, succeedThere } from './bare-system.mjs';

const FOLDER = process.argv[2];
/** What the .deb depends on, and what the container file needs for setcap. */
const NEEDED = ['libstdc++6', 'libgcc-s1', 'libatomic1', 'passwd', 'libcap2-bin'];
const OURS = ['usr/bin/echosweep', 'usr/lib/echosweep', 'etc/echosweep', 'usr/share/doc/echosweep'];
const UP = /^127\.0\.0\.1,,up,echo-reply,/m;

const root = mkdtempSync(join(tmpdir(), 'echosweep-try-'));
try {
  makeMinimalDebian(root, NEEDED);
  tryDeb(released(/_amd64[.]deb$/));
  tryRpm(released(/[.]x86_64[.]rpm$/));
} finally {
  rmSync(root, { recursive: true, force: true });
}

function tryDeb(deb) {
  copyFileSync(join(FOLDER, deb), join(root, deb));
  succeed(['dpkg', '-i', `/${deb}`]);
  tryUpgrade(deb);
  rmSync(join(root, deb));
  assert.match(succeed(['echosweep', '127.0.0.1']), UP);
  assert.match(succeed(['echosweep', 'doctor']), /^raw +works/m);
  assert.match(succeed(['id', 'echosweep']), /^uid=\d+\(echosweep\) gid=\d+\(echosweep\)/);
  // As the unit runs it.
  const asUser = ['setpriv', '--reuid=echosweep', '--regid=echosweep', '--clear-groups'];
  const capable = [
    '--inh-caps=-all,+net_raw',
    '--ambient-caps=+net_raw',
    '--bounding-set=-all,+net_raw',
  ];
  const targets = ['-f', '/etc/echosweep/targets.txt', '--engine', 'raw'];
  assert.match(succeed([...asUser, ...capable, 'echosweep', ...targets]), UP);
  const complete =
    'source /usr/share/bash-completion/completions/echosweep; COMP_WORDS=(echosweep doc); COMP_CWORD=1; _echosweep; echo "$COMPREPLY"';
  assert.equal(succeed(['bash', '-c', complete]), 'doctor\n');
  assert.ok(existsSync(join(root, 'usr/share/man/man1/echosweep.1.gz')));
  report(`${deb}: installed, used as root and as its user with one capability`);
  tryContainer();
  succeed(['dpkg', '--purge', 'echosweep']);
  removed(deb);
}

/** With a systemctl that only records how it was called. */
function tryUpgrade(deb) {
  mkdirSync(join(root, 'run/systemd/system'), { recursive: true });
  const systemctl = join(root, 'usr/bin/systemctl');
  writeFileSync(systemctl, '#!/bin/sh\necho "$@" >>/calls\n', { mode: 0o755 });
  succeed(['dpkg', '-i', `/${deb}`]);
  const calls = readFileSync(join(root, 'calls'), 'utf8');
  assert.match(calls, /^daemon-reload\ntry-restart echosweep-inventory[.]service\n$/m);
  rmSync(systemctl);
  rmSync(join(root, 'run/systemd'), { recursive: true });
  report(`${deb}: an upgrade starts the running inventory again`);
}

/** What the container file does once the package is installed, and how an engine then starts it. */
function tryContainer() {
  const file = readFileSync(join(ROOT, 'examples/container/Containerfile'), 'utf8');
  const find = (pattern) => pattern.exec(file)?.[1] ?? assert.fail(`no ${pattern}`);
  const steps = [...file.matchAll(/^ && ((?:install|setcap) .*?)[ \\]*$/gm)];
  assert.equal(steps.length, 2);
  for (const [, step] of steps) succeed(step.split(' '));
  const user = find(/^USER (.*)$/m);
  const entry = JSON.parse(find(/^ENTRYPOINT (.*)$/m));
  const workdir = find(/^WORKDIR (.*)$/m);
  const inside = 'cd "$1" && shift && exec "$@"';
  const asUser = ['setpriv', `--reuid=${user}`, `--regid=${user}`, '--clear-groups'];
  const granted = ['--inh-caps=-all', '--bounding-set=-all,+net_raw'];
  const sweep = [...entry, '127.0.0.1', '--engine', 'raw', '-o', 'report.csv'];
  succeed(['sh', '-c', inside, 'sh', workdir, ...asUser, ...granted, ...sweep]);
  assert.match(readFileSync(join(root, workdir, 'report.csv'), 'utf8'), UP);
  report('examples/container: sweeps as its user, in a container that grants one capability');
}

/** Debian's rpm, into the same system; what it needs is there under other names. */
function tryRpm(rpm) {
  const options = ['--root', root, '--dbpath', '/var/lib/rpm', '--nodeps', '--force-debian'];
  execFileSync('rpm', [...options, '-i', join(FOLDER, rpm)]);
  assert.match(succeed(['echosweep', '127.0.0.1']), UP);
  report(`${rpm}: installed and used`);
  execFileSync('rpm', [...options, '-e', 'echosweep']);
  removed(rpm);
}

function removed(name) {
  const left = OURS.filter((path) => existsSync(join(root, path)));
  assert.deepEqual(left, []);
  report(`${name}: removed without a trace`);
}

function released(pattern) {
  const name = readdirSync(FOLDER).find((each) => pattern.test(each));
  assert.ok(name, `${FOLDER} has no ${pattern}`);
  return name;
}

function succeed(command) {
  return succeedThere(root, command);
}
