/** The inventory in bad times: full disks, uplinks that fail, crowds of readers, and a service manager that watches. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { AF_UNIX, MSG_DONTWAIT, SOCK_DGRAM } from '../../src/native/linux/constants.ts';
import { bind, close, recv, socket } from '../../src/native/linux/libc.ts';
import { LAB } from './address-plan.ts';
import { parseCsv } from './csv.ts';
import { labTest } from './lab-test.ts';
import { echosweep, freshFolder, startEchosweep, until } from './run.ts';
import { untilSent } from './wire.ts';

const LIVE_24 = LAB.live4.replace('/16', '/24');

function must(command: string, ...args: string[]): void {
  const done = spawnSync(command, args, { encoding: 'utf8' });
  assert.equal(done.status, 0, `${command} ${args.join(' ')}: ${done.stderr}`);
}

function configure(folder: string, config: string): void {
  writeFileSync(join(folder, 'echosweep.yaml'), config);
}

labTest('a full disk costs the scan under way, and nothing of the history', async () => {
  const folder = join(freshFolder(), 'small');
  mkdirSync(folder);
  must('mount', '-t', 'tmpfs', '-o', 'size=600k', 'none', folder);
  try {
    const run = (...args: string[]) => echosweep(['inventory', ...args], { cwd: folder });
    const config = (targets: string): string =>
      `networks: { near: { targets: ${targets}, sweep: { rate: max } } }\n`;
    configure(folder, config('127.0.0.0/28'));
    assert.equal((await run('scan', '-q')).code, 0);
    const before = (await run('hosts', '-q')).stdout;
    assert.equal(parseCsv(before).length, 14);

    // So many new hosts have no room.
    configure(folder, config('127.0.0.0/19'));
    const full = await run('scan', '-q');
    assert.equal(full.code, 4, full.stderr);
    assert.match(
      full.stderr,
      /^echosweep: cannot use .*echosweep\.db \(.*(full|disk).*\): see that its folder exists, may be written to and has room\n$/,
    );
    assert.equal((await run('hosts', '-q')).stdout, before);

    // With a source named, mount(8) repeats no options; in a user namespace it may not.
    must('mount', '-o', 'remount,size=20m', 'none', folder);
    const { code, stderr } = await run('scan', '-q');
    assert.equal(code, 0, stderr);
    assert.equal(parseCsv((await run('hosts', '-q')).stdout).length, 8190);
  } finally {
    must('umount', folder);
  }
});

labTest('init on a full disk leaves no file, and writes it as soon as there is room', async () => {
  const folder = join(freshFolder(), 'small');
  mkdirSync(folder);
  must('mount', '-t', 'tmpfs', '-o', 'size=16k', 'none', folder);
  try {
    const init = () => echosweep(['inventory', 'init'], { cwd: folder });
    writeFileSync(join(folder, 'filler'), Buffer.alloc(16_384));
    const full = await init();
    assert.equal(full.code, 4, full.stderr);
    assert.equal(
      full.stderr,
      'echosweep: cannot write echosweep.yaml: the disk is full: free some space, then try again\n',
    );
    rmSync(join(folder, 'filler'));
    const { code, stderr } = await init();
    assert.equal(code, 0, stderr);
  } finally {
    must('umount', folder);
  }
});

labTest('an uplink that fails for a while makes nobody gone', async () => {
  const folder = freshFolder();
  const uplink = (state: string): void =>
    must('nsenter', '--net=/run/netns/r1', 'ip', 'link', 'set', 'client', state);
  // Five seconds of asking, half of them without an uplink; one miss would be enough.
  const sweep = 'engine: raw, rate: 50, retries: 0, timeout: 500';
  const config = `gone-after: 1\nnetworks: { live: { targets: ${LIVE_24}, sweep: { ${sweep} } } }\n`;
  configure(folder, config.replace('rate: 50', 'rate: max'));
  assert.equal((await echosweep(['inventory', 'scan', '-q'], { cwd: folder })).code, 0);
  configure(folder, config);
  must(
    'nsenter',
    '--net=/run/netns/r1',
    'sysctl',
    '-qw',
    'net.ipv6.conf.client.keep_addr_on_down=1',
  );
  const scan = startEchosweep(['inventory', 'scan'], { cwd: folder });
  await untilSent(60);
  uplink('down');
  await sleep(2500);
  uplink('up');
  // The kernel keeps no link-local address, and without one a router cannot ask for its neighbours.
  must('ip', '-n', 'r1', 'addr', 'add', 'fe80::fe/64', 'dev', 'client', 'nodad');
  const { code, stdout, stderr } = await scan.finished;
  assert.equal(code, 5, stderr);
  // The canary and the interface both notice; which of them says so depends on when the uplink failed.
  assert.match(
    stderr,
    /^live: no host was marked gone: (the gateway 10\.77\.0\.254 did not answer|lab-r1 was down for a while)/m,
  );
  assert.deepEqual(parseCsv(stdout), []);
  const hosts = await echosweep(['inventory', 'hosts', '-q', '--state', 'up'], { cwd: folder });
  assert.equal(parseCsv(hosts.stdout).length, 254);
});

labTest(
  'a crowd of readers is answered while scans are written',
  async () => {
    const folder = freshFolder();
    configure(folder, 'networks: { near: { targets: 127.0.0.0/20, sweep: { rate: max } } }\n');
    assert.equal((await echosweep(['inventory', 'scan', '-q'], { cwd: folder })).code, 0);
    let isOver = false;
    const scans = (async () => {
      try {
        for (let n = 0; n < 3; n++) {
          const { code, stderr } = await echosweep(['inventory', 'scan', '-q'], { cwd: folder });
          assert.equal(code, 0, stderr);
        }
      } finally {
        isOver = true;
      }
    })();
    let answers = 0;
    const readers = [['status'], ['hosts'], ['changes'], ['host', '127.0.0.9']].map(
      async (args) => {
        while (!isOver) {
          const { code, stderr } = await echosweep(['inventory', ...args, '-q'], { cwd: folder });
          assert.equal(code, 0, stderr);
          answers++;
        }
      },
    );
    await Promise.all([scans, ...readers]);
    assert.ok(answers >= 8, `${answers} answers`);
  },
  180_000,
);

labTest('of several networks one that is busy keeps no other from its scan', async () => {
  const folder = freshFolder();
  const config = (near: string): string => `on-change: { command: [/bin/sh, -c, "cat > told"] }
networks:
  slow: { targets: ${LIVE_24}, sweep: { rate: 20 } }
  near: { targets: ${near} }
`;
  configure(folder, config('127.0.0.0/30'));
  assert.equal((await echosweep(['inventory', 'scan', 'near', '-q'], { cwd: folder })).code, 0);
  configure(folder, config('127.0.0.0/29'));
  const first = startEchosweep(['inventory', 'scan', 'slow', '-q'], { cwd: folder });
  try {
    await untilSent(20);
    const { code, stdout, stderr } = await echosweep(['inventory', 'scan', '-q'], { cwd: folder });
    assert.deepEqual(
      [code, stderr],
      [
        4,
        `echosweep: slow is being scanned already by process ${first.process.pid}: wait until that scan is done\n`,
      ],
    );
    assert.equal(parseCsv(stdout).length, 4);
    assert.ok(readdirSync(folder).includes('told'));
  } finally {
    first.process.kill('SIGKILL');
    await first.finished;
  }
});

labTest(
  'systemd hears what the service does, and that it lives all through a long scan',
  async () => {
    const folder = freshFolder();
    // Each scan takes two and a half seconds and the next is due by then: a reload comes in between all the same.
    configure(
      folder,
      `networks: { live: { targets: ${LIVE_24}, schedule: "* * * * * *", sweep: { rate: 100 } } }\n`,
    );
    const path = join(folder, 'notify');
    const fd = socket(AF_UNIX, SOCK_DGRAM, 0);
    const address = Buffer.concat([Buffer.from([AF_UNIX, 0]), Buffer.from(path)]);
    assert.equal(bind(fd, address, address.length), 0);
    const heard: string[] = [];
    const buffer = new Uint8Array(1000);
    const timer = setInterval(() => {
      for (;;) {
        const length = recv(fd, buffer, buffer.length, MSG_DONTWAIT);
        if (length <= 0) return;
        heard.push(Buffer.from(buffer.subarray(0, length)).toString());
      }
    }, 10);
    const service = startEchosweep(['inventory', 'run', '-q'], {
      cwd: folder,
      env: { NOTIFY_SOCKET: path, WATCHDOG_USEC: '400000' },
    });
    const indexOf = (words: string, from = 0) =>
      heard.findIndex((each, i) => i >= from && each.startsWith(words));
    try {
      await until('it scans', () => indexOf('STATUS=scanning live') >= 0);
      const begin = indexOf('STATUS=scanning live');
      assert.ok(indexOf('READY=1') >= 0 && indexOf('READY=1') < begin, heard.join('\n'));
      service.process.kill('SIGHUP');
      await until('it reads anew', () => indexOf('RELOADING=1') >= 0);
      const reload = indexOf('RELOADING=1');
      const fed = heard.slice(begin, indexOf('STATUS=', begin + 1));
      assert.ok(fed.filter((words) => words === 'WATCHDOG=1').length >= 6, heard.join('\n'));
      assert.match(heard[reload]!, /^RELOADING=1\nMONOTONIC_USEC=\d+$/);
      await until('it is ready again', () => indexOf('READY=1', reload) >= 0);
      service.process.kill('SIGTERM');
      const { code, stderr } = await service.finished;
      assert.equal(code, 0, stderr);
      await until('it says that it stops', () => indexOf('STOPPING=1', reload) >= 0);
    } finally {
      service.process.kill('SIGKILL');
      clearInterval(timer);
      close(fd);
      rmSync(path);
    }
  },
);
