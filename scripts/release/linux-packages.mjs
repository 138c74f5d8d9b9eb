/** Builds the .deb and the .rpm with Debian's dpkg-deb and rpmbuild. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../ensure.mjs';
import { filesIn, manifest } from './application.mjs';
import { CONFIG_FILES, layOut } from './linux-tree.mjs';

/** What the two families call an architecture. */
const DEB_ARCH = { x64: 'amd64', arm64: 'arm64' };
const RPM_ARCH = { x64: 'x86_64', arm64: 'aarch64' };
const DESCRIPTION = `Every host is probed by ICMP echo, timed and explained, in one CSV.
Unreachable hosts come with the reason and the router that gave it. An inventory keeps the
history of networks that are scanned on a schedule.`;

/** Folders that go with the package, besides the one with configuration. */
const OWN_FOLDERS = ['/usr/lib/echosweep', '/usr/share/doc/echosweep'];
/** A user for the units. Without systemd, useradd makes the same one. */
const ADD_USER = `if command -v systemd-sysusers >/dev/null; then
  systemd-sysusers echosweep.conf
elif ! getent passwd echosweep >/dev/null; then
  useradd --system --user-group --home-dir /var/lib/echosweep --no-create-home --shell /usr/sbin/nologin echosweep
fi
`;
const RELOAD = `if [ -d /run/systemd/system ]; then systemctl daemon-reload || true; fi
`;
/** After an upgrade, the program that runs would load files of the new version one by one. */
const RESTART = `if [ -d /run/systemd/system ]; then systemctl try-restart echosweep-inventory.service || true; fi
`;
const STOP = `if [ -d /run/systemd/system ]; then
  systemctl disable --now echosweep.timer echosweep-inventory.service || true
fi
`;

/**
 * @param {{ application: string, system: string, folder: string }} parts system: such as `linux-x64`
 * @returns {string} the name of the package below the folder
 */
export function buildDeb({ application, system, folder }) {
  const arch = DEB_ARCH[system.split('-')[1]];
  const { version } = manifest();
  const name = `echosweep_${debVersion(version)}_${arch}.deb`;
  inScratch((root) => {
    layOut(root, { application, system, zshFolder: 'usr/share/zsh/vendor-completions' });
    const files = filesIn(root);
    mkdirSync(join(root, 'DEBIAN'));
    const control = (path, text, mode) => writeFileSync(join(root, 'DEBIAN', path), text, { mode });
    control('control', debControl({ version: debVersion(version), arch, root, files }));
    control('conffiles', CONFIG_FILES.map((path) => `${path}\n`).join(''));
    control(
      'md5sums',
      files
        .filter((path) => !path.startsWith('etc/'))
        .map(md5Line(root))
        .join(''),
    );
    control(
      'postinst',
      script(`if [ "$1" = configure ]; then\n${ADD_USER}${RELOAD}${RESTART}fi\n`),
      0o755,
    );
    control('prerm', script(`if [ "$1" = remove ]; then\n${STOP}fi\n`), 0o755);
    const purge = 'if [ "$1" = purge ]; then rm -rf /var/lib/echosweep /var/cache/echosweep; fi\n';
    control('postrm', script(`${purge}${RELOAD}`), 0o755);
    const args = ['--root-owner-group', '-Zzstd', '-z6', '--build', root, join(folder, name)];
    execFileSync('dpkg-deb', args, { env: reproducible(), stdio: ['ignore', 'ignore', 'inherit'] });
  });
  return name;
}

/** @param {{ application: string, system: string, folder: string }} parts @returns {string} as above */
export function buildRpm({ application, system, folder }) {
  const arch = RPM_ARCH[system.split('-')[1]];
  const version = manifest().version.replaceAll('-', '~');
  inScratch((scratch) => {
    const root = join(scratch, 'root');
    layOut(root, { application, system, zshFolder: 'usr/share/zsh/site-functions' });
    const spec = join(scratch, 'echosweep.spec');
    writeFileSync(spec, rpmSpec({ version, files: filesIn(root) }));
    const defines = {
      _topdir: join(scratch, 'top'),
      _rpmdir: folder,
      _rpmfilename: '%{NAME}-%{VERSION}-%{RELEASE}.%{ARCH}.rpm',
      staged: root,
    };
    const args = Object.entries(defines).flatMap(([name, value]) => [
      '--define',
      `${name} ${value}`,
    ]);
    execFileSync('rpmbuild', ['-bb', '--quiet', '--target', `${arch}-linux`, ...args, spec], {
      env: reproducible(),
      stdio: ['ignore', 'ignore', 'inherit'],
    });
  });
  return `echosweep-${version}-1.${arch}.rpm`;
}

function debControl({ version, arch, root, files }) {
  const octets = files.reduce((sum, path) => sum + readFileSync(join(root, path)).length, 0);
  const [summary, ...further] = DESCRIPTION.split('\n');
  return `Package: echosweep
Version: ${version}
Architecture: ${arch}
Maintainer: echosweep maintainers <maintainers@echosweep.invalid>
Installed-Size: ${Math.ceil(octets / 1024)}
Depends: libc6 (>= 2.28), libstdc++6 (>= 5), libgcc-s1, libatomic1, passwd
Suggests: bash-completion, iputils-ping
Section: net
Priority: optional
Description: ${summary}
${further.map((line) => ` ${line}`).join('\n')}
`;
}

/** The files are there already: nothing is compiled, stripped or searched for dependencies. */
function rpmSpec({ version, files }) {
  const others = files.filter(
    (path) => ![...OWN_FOLDERS, '/etc/echosweep'].some((own) => `/${path}`.startsWith(`${own}/`)),
  );
  const [summary, ...further] = DESCRIPTION.split('\n');
  return `%global __os_install_post %{nil}
%global _buildhost echosweep
%global _build_id_links none
%global debug_package %{nil}
%global _binary_payload w6.zstdio
%global source_date_epoch_from_changelog 0
%global use_source_date_epoch_as_buildtime 1
%global clamp_mtime_to_source_date_epoch 1
Name: echosweep
Version: ${version}
Release: 1
Summary: ${summary.replace(/\.$/, '')}
License: MIT
AutoReqProv: no
Requires: glibc >= 2.28, libstdc++, libgcc, libatomic, shadow-utils

%description
${further.join('\n')}

%install
mkdir -p %{buildroot}
cp -a %{staged}/. %{buildroot}/

%post
${ADD_USER}${RELOAD}${RESTART}
%preun
if [ "$1" = 0 ]; then
${STOP}fi

%postun
${RELOAD}
%files
%dir /etc/echosweep
${CONFIG_FILES.map((path) => `%config(noreplace) ${path}`).join('\n')}
${[...OWN_FOLDERS, ...others.map((path) => `/${path}`)].join('\n')}
`;
}

function script(body) {
  return `#!/bin/sh\nset -e\n${body}`;
}

/** A pre-release sorts before its release. */
function debVersion(version) {
  return version.replaceAll('-', '~');
}

function md5Line(root) {
  return (path) =>
    `${createHash('md5')
      .update(readFileSync(join(root, path)))
      .digest('hex')}  ${path}\n`;
}

/** Times of files are those of the last commit, so that the same sources make the same package. */
function reproducible() {
  const seconds = execFileSync('git', ['log', '-1', '--format=%ct'], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  return { ...process.env, SOURCE_DATE_EPOCH: seconds.trim() };
}

function inScratch(act) {
  const scratch = mkdtempSync(join(tmpdir(), 'echosweep-package-'));
  // The folder becomes the package's root, and mkdtemp's is closed to others.
  const root = join(scratch, 'package');
  mkdirSync(root, { mode: 0o755 });
  try {
    act(root);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}
