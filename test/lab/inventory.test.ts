/** The inventory on a network that changes: every change is found, none is made up, whatever else happens. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createHmac } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { LAB, LAB_INTERFACES } from './address-plan.ts';
import { rowsByAddress } from './csv.ts';
import { labTest } from './lab-test.ts';
import { ordinaryUid } from './ordinary-user.ts';
import { echosweep, freshFolder, startEchosweep, until } from './run.ts';
import { untilSent } from './wire.ts';

/** Behind the loopback of the client, and no range of the lab's own. */
const RANGE = '10.240.7.0/26';
const address = (host: number): string => `10.240.7.${host}`;
const HOSTS = Array.from({ length: 62 }, (_, i) => i + 1);
const SWEEP = 'sweep: { timeout: 100, retries: 1, rate: max }';

/** Makes exactly these hosts of RANGE answer (AnyIP); the others have no answer. */
function letAnswer(wanted: ReadonlySet<number>, before: ReadonlySet<number>): void {
  const commands = HOSTS.flatMap((host) => {
    if (wanted.has(host) === before.has(host)) return [];
    return [`route ${wanted.has(host) ? 'add' : 'del'} local ${address(host)} dev lo`];
  });
  const done = spawnSync('ip', ['-batch', '-'], { input: commands.join('\n'), encoding: 'utf8' });
  assert.equal(done.status, 0, done.stderr);
}

function folderWith(config: string): string {
  const folder = freshFolder();
  writeFileSync(join(folder, 'echosweep.yaml'), config);
  return folder;
}

/** What a scan told: address and kind, in address order. */
async function scan(folder: string, ...args: string[]): Promise<string[]> {
  const { code, stdout, stderr } = await echosweep(['inventory', 'scan', '-q', ...args], {
    cwd: folder,
  });
  assert.equal(code, 0, stderr);
  return stdout
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','))
    .map((cells) => `${cells[0]} ${cells[2]}`);
}

/** Repeats itself: a host is up in a scan by a rule of its own, so that hosts come, go, flap and stay. */
function isUp(host: number, scanNumber: number): boolean {
  switch (host % 5) {
    case 0:
      return true;
    case 1:
      return scanNumber >= host % 9;
    case 2:
      return scanNumber < 3 + (host % 4);
    case 3:
      return (scanNumber + host) % 3 !== 0;
    default:
      return Math.floor((scanNumber + host) / 3) % 2 === 0;
  }
}

labTest('ten scans of a changing network tell every change and make none up', async () => {
  // What no host answers goes to r1, which has it on a link where nobody is.
  const route = spawnSync('ip', ['route', 'add', '10.240.7.0/26', 'via', '10.77.0.254'], {
    encoding: 'utf8',
  });
  assert.equal(route.status, 0, route.stderr);
  const folder = folderWith(
    `gone-after: 2\nnetworks: { changing: { targets: ${RANGE}, ${SWEEP} } }\n`,
  );
  let answering: ReadonlySet<number> = new Set();
  /** By host: whether it was ever up, misses in a row, whether it is gone. */
  const truth = new Map(HOSTS.map((host) => [host, { wasUp: false, misses: 0, isGone: false }]));
  for (let n = 0; n < 10; n++) {
    const wanted = new Set(HOSTS.filter((host) => isUp(host, n)));
    letAnswer(wanted, answering);
    answering = wanted;
    const expected = HOSTS.flatMap((host): string[] => {
      const known = truth.get(host)!;
      if (wanted.has(host)) {
        const kind = known.isGone ? 'back' : known.wasUp ? undefined : 'new';
        truth.set(host, { wasUp: true, misses: 0, isGone: false });
        return kind === undefined || n === 0 ? [] : [`${address(host)} ${kind}`];
      }
      if (!known.wasUp) return [];
      const misses = known.misses + 1;
      truth.set(host, { wasUp: true, misses, isGone: known.isGone || misses >= 2 });
      return !known.isGone && misses >= 2 ? [`${address(host)} gone`] : [];
    });
    assert.deepEqual(await scan(folder, '--only', 'new,gone,back'), expected, `scan ${n}`);
  }
  const { stdout } = await echosweep(['inventory', 'hosts', '-q'], { cwd: folder });
  const rows = rowsByAddress(stdout);
  for (const [host, { wasUp, misses, isGone }] of truth) {
    const state = !wasUp ? undefined : isGone ? 'gone' : misses > 0 ? 'missing' : 'up';
    assert.equal(rows.get(address(host))?.['state'], state, address(host));
  }
  const one = await echosweep(['inventory', 'host', address(3), '--format', 'csv'], {
    cwd: folder,
  });
  const days = one.stdout.trimEnd().split('\n').slice(1);
  const sum = (column: number) =>
    days.reduce((total, day) => total + Number(day.split(',')[column]), 0);
  const since = Array.from({ length: 10 }, (_, n) => n).findIndex((n) => isUp(3, n));
  const answered = Array.from({ length: 10 }, (_, n) => n).filter((n) => isUp(3, n)).length;
  assert.deepEqual([sum(3), sum(4)], [10 - since, answered]);
  letAnswer(new Set(), answering);
});

labTest('a host on the own link with another MAC address is told', async () => {
  const [, host, other] = LAB.lanLive4;
  const folder = folderWith(`networks: { lan: { targets: [${host}, ${other}] } }\n`);
  const ip = (...args: string[]): string => {
    const done = spawnSync('ip', args, { encoding: 'utf8' });
    assert.equal(done.status, 0, done.stderr);
    return done.stdout;
  };
  const link = JSON.parse(ip('-n', 'lan', '-json', 'link', 'show', 'client')) as [
    { address: string },
  ];
  const before = link[0].address;
  const after = '02:00:00:00:77:01';
  const exchange = (address: string): void => {
    ip('-n', 'lan', 'link', 'set', 'client', 'address', address);
    ip('neigh', 'flush', 'dev', LAB_INTERFACES.lan);
  };
  assert.deepEqual(await scan(folder), []);
  exchange(after);
  try {
    assert.deepEqual(await scan(folder), [`${host} mac-changed`, `${other} mac-changed`]);
    const { stdout } = await echosweep(['inventory', 'changes', '-q'], { cwd: folder });
    assert.match(stdout, new RegExp(`^${host},,mac-changed,${before},${after},`, 'm'));
  } finally {
    exchange(before);
  }
});

labTest('changes are told to a program, and one that fails makes exit code 4', async () => {
  const config = (targets: string, command: string): string =>
    `on-change: { command: [${command}], only: [new] }\nnetworks: { near: { targets: ${targets} } }\n`;
  const folder = folderWith(config('127.0.0.0/30', '/bin/sh, -c, "cat > told"'));
  await scan(folder);
  assert.ok(!existsSync(join(folder, 'told')), 'the first scan has nothing to tell');
  writeFileSync(
    join(folder, 'echosweep.yaml'),
    config('127.0.0.0/29', '/bin/sh, -c, "cat > told"'),
  );
  await scan(folder);
  const told = JSON.parse(readFileSync(join(folder, 'told'), 'utf8'));
  assert.deepEqual(
    told.changes.map(({ address: of, change }: { address: string; change: string }) => [
      of,
      change,
    ]),
    [3, 4, 5, 6].map((host) => [`127.0.0.${host}`, 'new']),
  );
  writeFileSync(join(folder, 'echosweep.yaml'), config('127.0.0.0/28', '/bin/false'));
  const { code, stderr } = await echosweep(['inventory', 'scan', '-q'], { cwd: folder });
  assert.deepEqual(
    [code, stderr],
    [4, 'echosweep: near: on-change: /bin/false ended with exit code 1\n'],
  );
});

labTest('a report that cannot be written costs receivers nothing', async () => {
  const config = (length: number): string =>
    `on-change: { command: [/bin/sh, -c, "cat > told"] }\nnetworks: { near: { targets: 127.0.0.0/${length} } }\n`;
  const folder = folderWith(config(30));
  await scan(folder);
  writeFileSync(join(folder, 'echosweep.yaml'), config(29));
  const unwritten = ['inventory', 'scan', '-q', '-o', 'missing/changes.csv'];
  const { code, stderr } = await echosweep(unwritten, { cwd: folder });
  assert.deepEqual(
    [code, stderr],
    [
      4,
      'echosweep: cannot write the report to missing/changes.csv: its folder does not exist: create it first\n',
    ],
  );
  assert.equal(JSON.parse(readFileSync(join(folder, 'told'), 'utf8')).changes.length, 4);
});

labTest('a webhook that is down misses nothing, and nobody learns the secret', async () => {
  const secret = 'not-to-be-seen';
  const config = (targets: string): string =>
    `webhook: { url: "http://127.0.0.1:18080/in", secret-env: HOOK, only: [new] }\nnetworks: { near: { targets: ${targets} } }\n`;
  const folder = folderWith(config('127.0.0.0/30'));
  const env = { HOOK: secret };
  const run = (...args: string[]) => echosweep(['inventory', ...args], { cwd: folder, env });
  assert.equal((await run('scan', '-q')).code, 0);
  const scanOf = (length: number) => {
    writeFileSync(join(folder, 'echosweep.yaml'), config(`127.0.0.0/${length}`));
    return run('scan', '-q');
  };
  const first = await scanOf(29);
  const cannotBeReached =
    /^echosweep: webhook: http:\/\/127\.0\.0\.1:18080 cannot be reached \(ECONNREFUSED\); the next attempt is at (.*)\n/;
  assert.equal(first.code, 4, first.stderr);
  assert.match(first.stderr, cannotBeReached);
  const second = await scanOf(28);
  const isTimeToTryAgain = Date.now() >= Date.parse(cannotBeReached.exec(first.stderr)![1]!);
  assert.ok(second.code === 0 || isTimeToTryAgain, second.stderr);
  const said = [first.stderr, second.stderr];
  const status = await run('status');
  assert.match(status.stderr, /^echosweep: 2 messages wait for webhook since .*ECONNREFUSED/);

  const told: string[][] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.setEncoding('utf8').on('data', (text: string) => {
      body += text;
    });
    request.on('end', () => {
      const [, seconds, digest] = /^t=(\d+),v1=(.*)$/.exec(
        String(request.headers['echosweep-signature']),
      )!;
      assert.equal(digest, createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex'));
      const message = JSON.parse(body) as { changes: { address: string; change: string }[] };
      told.push(message.changes.map(({ address: of, change }) => `${of} ${change}`));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(18_080, '127.0.0.1', resolve));
  try {
    const tell = await run('tell');
    assert.deepEqual([tell.code, tell.stderr], [0, 'all delivered\n']);
    const hosts = (from: number, to: number): string[] =>
      Array.from({ length: to - from + 1 }, (_, i) => `127.0.0.${from + i} new`);
    assert.deepEqual(told, [hosts(3, 6), hosts(7, 14)]);

    // The service tells by itself, right after its scan.
    writeFileSync(
      join(folder, 'echosweep.yaml'),
      config('127.0.0.0/27').replace('targets', 'schedule: "* * * * * *", targets'),
    );
    const service = startEchosweep(['inventory', 'run'], { cwd: folder, env });
    await until('the service tells of its scan', () => told.length === 3);
    service.process.kill('SIGTERM');
    const { code, stderr } = await service.finished;
    assert.equal(code, 0, stderr);
    assert.deepEqual(told[2], hosts(15, 30));
    said.push(stderr, tell.stderr, status.stderr);
  } finally {
    server.close();
    server.closeAllConnections();
  }
  assert.ok(!said.join('').includes(secret));
  for (const name of readdirSync(folder))
    assert.ok(!readFileSync(join(folder, name)).includes(secret), name);
});

labTest('the service shows metrics of its scans, and is not well where they fail', async () => {
  const config = (targets: string, more = ''): string =>
    `metrics-file: echosweep.prom\nnetworks: { near: { targets: ${targets}, schedule: "* * * * * *"${more} } }\n`;
  const folder = folderWith(config('127.0.0.0/29'));
  const service = startEchosweep(['inventory', 'run', '-q', '--listen', '127.0.0.1:18469'], {
    cwd: folder,
  });
  let metrics = '';
  let health = 0;
  const ask = async (): Promise<void> => {
    try {
      metrics = await (await fetch('http://127.0.0.1:18469/metrics')).text();
      health = (await fetch('http://127.0.0.1:18469/healthz')).status;
    } catch {
      // It does not stand yet.
    }
  };
  const timer = setInterval(() => void ask(), 50);
  try {
    const scanned = 'echosweep_hosts{network="near",state="up"} 6\n';
    await until('metrics tell of the scan', () => metrics.includes(scanned) && health === 200);
    assert.match(metrics, /^echosweep_targets\{network="near"\} 6$/m);
    await until('the file is there', () => existsSync(join(folder, 'echosweep.prom')));
    assert.ok(readFileSync(join(folder, 'echosweep.prom'), 'utf8').includes(scanned));
    // Read anew, with a scan that cannot be made.
    writeFileSync(
      join(folder, 'echosweep.yaml'),
      config('127.0.0.0/28', ', sweep: { interface: nowhere0 }'),
    );
    service.process.kill('SIGHUP');
    await until('the failure shows', () => health === 503);
    writeFileSync(join(folder, 'echosweep.yaml'), config('127.0.0.0/28'));
    service.process.kill('SIGHUP');
    await until(
      'all is well again',
      () => health === 200 && metrics.includes('echosweep_hosts{network="near",state="up"} 14\n'),
    );
  } finally {
    clearInterval(timer);
    service.process.kill('SIGTERM');
  }
  const { code, stderr } = await service.finished;
  assert.equal(code, 0, stderr);
});

labTest('from init to the first changes report without touching a file', async () => {
  const folder = freshFolder();
  const config = join(folder, 'echosweep.yaml');
  assert.equal((await echosweep(['inventory', 'init'], { cwd: folder })).code, 0);
  // The lab's own networks are the ones that are found.
  const check = await echosweep(['inventory', 'check'], { cwd: folder });
  assert.equal(check.code, 0, check.stderr);
  assert.match(check.stdout, /^lab-r1,254,0 \* \* \* \*,\d{4}-/m);
  assert.match(check.stdout, /^lab-lan,2046,/m);
  assert.equal(statSync(config).mode & 0o777, 0o600);
  await echosweep(['inventory', 'scan', 'lab-r1', '-q'], { cwd: folder });
  const { code, stderr } = await echosweep(['inventory', 'changes'], { cwd: folder });
  assert.deepEqual([code, stderr], [0, 'no changes\n']);
  const page = await echosweep(['inventory', 'report', 'lab-r1', '-o', 'r1.html'], { cwd: folder });
  assert.deepEqual([page.code, page.stderr], [0, '']);
  assert.match(
    readFileSync(join(folder, 'r1.html'), 'utf8'),
    /<title>lab-r1 · 10\.77\.0\.0\/24 · echosweep/,
  );
  const never = await echosweep(['inventory', 'report', 'lab-lan', '-o', 'x.html'], {
    cwd: folder,
  });
  assert.equal(
    never.stderr,
    'echosweep: nothing is known of lab-lan: run echosweep inventory scan lab-lan first\n',
  );
  assert.ok(!existsSync(join(folder, 'x.html')));
});

labTest('a scan that is stopped keeps what it came to, and misses nobody', async () => {
  const folder = folderWith(
    'gone-after: 1\nnetworks: { live: { targets: 10.79.0.0/22, sweep: { rate: 400 } } }\n',
  );
  const { process: child, finished } = startEchosweep(['inventory', 'scan', '-q'], { cwd: folder });
  await untilSent(100);
  child.kill('SIGTERM');
  assert.equal((await finished).code, 143);
  const { stdout } = await echosweep(['inventory', 'status'], { cwd: folder });
  assert.match(stdout, /,stopped early,,\n$/);
  assert.deepEqual(await scan(folder), []);
});

labTest('a network is scanned once at a time, and killed scans leave no lock', async () => {
  const folder = folderWith('networks: { live: { targets: 10.79.0.0/22, sweep: { rate: 50 } } }\n');
  const first = startEchosweep(['inventory', 'scan', '-q'], { cwd: folder });
  await untilSent(20);
  const second = await echosweep(['inventory', 'scan', '-q'], { cwd: folder });
  assert.deepEqual(
    [second.code, second.stderr],
    [
      4,
      `echosweep: live is being scanned already by process ${first.process.pid}: wait until that scan is done\n`,
    ],
  );
  assert.equal((await echosweep(['inventory', 'status'], { cwd: folder })).code, 0);
  first.process.kill('SIGKILL');
  await first.finished;
  writeFileSync(join(folder, 'echosweep.yaml'), 'networks: { live: { targets: 10.79.0.0/30 } }\n');
  assert.equal((await echosweep(['inventory', 'scan', '-q'], { cwd: folder })).code, 0);
});

labTest(
  'every file of an inventory is its owner’s alone, and an ordinary user can scan',
  async () => {
    const folder = folderWith('networks: { near: { targets: 127.0.0.0/28 } }\n');
    const as = 'ordinary-user' as const;
    const { code, stderr } = await echosweep(['inventory', 'scan', '-q'], { cwd: folder, as });
    assert.equal(code, 0, stderr);
    for (const name of readdirSync(folder).filter((each) => each.startsWith('echosweep.db'))) {
      const { mode, uid } = statSync(join(folder, name));
      assert.equal(mode & 0o777, 0o600, name);
      assert.equal(uid, ordinaryUid(), name);
    }
  },
);

labTest(
  'run scans on schedule, reads its configuration anew, outlives a wrong one, and ends cleanly',
  async () => {
    const everySecond = (name: string, targets: string): string =>
      `networks: { ${name}: { targets: ${targets}, schedule: "* * * * * *" } }\n`;
    const folder = folderWith(everySecond('one', '127.0.0.0/29'));
    const { process: service, finished } = startEchosweep(['inventory', 'run'], { cwd: folder });
    let said = '';
    service.stderr!.on('data', (text: string) => {
      said += text;
    });
    await until('the first scan', () => said.includes('one: 6 of 6 up'));
    await until(
      'the second scan',
      () => said.includes('one: 6 of 6 up in 0.0 s; no changes') || /; no changes/.test(said),
    );

    writeFileSync(join(folder, 'echosweep.yaml'), everySecond('one', '127.0.0.0/28'));
    service.kill('SIGHUP');
    await until('the new addresses', () => said.includes('one: new 127.0.0.14 (echo-reply)'));

    writeFileSync(join(folder, 'echosweep.yaml'), 'networks: {}\n');
    service.kill('SIGHUP');
    await until('the complaint', () =>
      said.includes('names no network: add one; keeping the previous configuration'),
    );
    const before = said.length;
    await until('a scan all the same', () => said.slice(before).includes('one: 14 of 14 up'));

    service.kill('SIGTERM');
    const { code, stdout } = await finished;
    assert.deepEqual([code, stdout], [0, '']);
  },
);
