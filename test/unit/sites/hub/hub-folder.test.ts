import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import {
  chownSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { HubFolder } from '../../../../src/sites/hub/hub-folder.ts';
import { readHubFile } from '../../../../src/sites/hub-file.ts';
import { publicKeyOf } from '../../../../src/sites/nats/keys.ts';
import { openJournal } from '../../../../src/sites/open-hub.ts';
import { assertPrivate } from '../../file-mode.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

const skip = spawnSync('openssl', ['version']).status !== 0 && 'no openssl here';
const OTHER = { urls: ['tls://nats.example:4222'], ca: undefined };
const BERLIN = { site: 'berlin', agent: 'a1' };
let count = 0;

function newPath(): string {
  return join(FOLDER, String(count++));
}

function filesBelow(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).map((name) =>
    join(folder, name),
  );
}

test('a new hub has a certificate for its names, and nothing in its folder is open to others', {
  skip,
}, () => {
  const path = newPath();
  const server = { listen: '0.0.0.0:4333', names: ['hub.example', '192.0.2.7'] };
  const hub = HubFolder.create(path, server);
  hub.add(BERLIN);
  hub.writeServerFiles(server);
  assert.deepEqual(hub.access.urls, [
    'tls://127.0.0.1:4333',
    'tls://hub.example:4333',
    'tls://192.0.2.7:4333',
  ]);
  const certificate = new X509Certificate(readFileSync(hub.file('server.pem')));
  assert.equal(certificate.checkHost('hub.example'), 'hub.example');
  for (const address of ['192.0.2.7', '127.0.0.1', '::1']) {
    assert.notEqual(certificate.checkIP(address), undefined, address);
  }
  const authority = new X509Certificate(hub.access.ca!);
  assert.ok(certificate.verify(authority.publicKey));
  for (const file of [path, ...filesBelow(path)]) {
    assertPrivate(file);
  }
  assert.deepEqual(readHubFile(path), hub.access);
  assert.deepEqual(readHubFile(join(path, 'hub.json')), hub.access);
});

test('where there is no hub, the advice fits a command and an inventory', () => {
  assert.throws(() => readHubFile(newPath()), {
    code: 'CONFIG_INVALID',
    message:
      /: set a hub up with .*, or name its folder with --hub \(for an inventory, in its field hub\)$/,
  });
});

test('a lease that agents would refuse is refused at once', { skip }, () => {
  const path = newPath();
  HubFolder.create(path, { listen: '0.0.0.0:4222', names: ['hub.example'] });
  const file = join(path, 'hub.json');
  const facts = JSON.parse(readFileSync(file, 'utf8')) as object;
  const readWith = (leaseMs: unknown) => {
    writeFileSync(file, JSON.stringify({ ...facts, leaseMs }));
    return readHubFile(path).leaseMs;
  };
  for (const leaseMs of [1000, 3_600_000]) assert.equal(readWith(leaseMs), leaseMs);
  for (const leaseMs of [999, 3_600_001, 1500.5, '60000', null]) {
    assert.throws(() => readWith(leaseMs), { code: 'CONFIG_INVALID', message: /leaseMs/ });
  }
});

test('a hub can be set up in an empty folder that is there, whose owner gets all that root makes in it', {
  skip,
}, async () => {
  const path = newPath();
  mkdirSync(path, { mode: 0o755 });
  const isRoot = process.getuid?.() === 0;
  if (isRoot) chownSync(path, 1234, 1234);
  const { ino, uid } = statSync(path);
  const server = { listen: '0.0.0.0:4222', names: ['hub.example'] };
  const hub = HubFolder.create(path, server);
  hub.add(BERLIN);
  hub.writeServerFiles(server);
  const journal = await openJournal(path);
  // It may be a mount point, or in a folder that its owner may not write to.
  assert.equal(statSync(path).ino, ino);
  for (const file of [path, ...filesBelow(path)]) {
    assertPrivate(file);
    assert.equal(statSync(file).uid, uid, file);
  }
  journal.close();
});

test('a hub that cannot be set up leaves an empty folder as it was', { skip }, () => {
  const path = newPath();
  mkdirSync(path);
  const server = { listen: '0.0.0.0:4222', names: ['no,name'] };
  assert.throws(() => HubFolder.create(path, server), { code: 'HUB_FAILED' });
  assert.deepEqual(readdirSync(path), []);
});

test('a certificate that lacks a name is renewed, and its authority stays', { skip }, () => {
  const server = { listen: '0.0.0.0:4222', names: ['hub.example'] };
  const hub = HubFolder.create(newPath(), server);
  const more = { ...server, names: ['hub.example', 'second.example'] };
  assert.equal(hub.certificate(server).isDue, false);
  assert.deepEqual(hub.certificate(more).missingNames, ['second.example']);
  hub.writeServerFiles(more);
  assert.equal(hub.certificate(more).isDue, false);
  assert.ok(
    new X509Certificate(readFileSync(hub.file('server.pem'))).verify(
      new X509Certificate(hub.access.ca!).publicKey,
    ),
  );
});

test('a certificate that is damaged, gone or of another key is made again', { skip }, () => {
  const server = { listen: '0.0.0.0:4222', names: ['hub.example'] };
  const [hub, other] = [newPath(), newPath()].map((path) => HubFolder.create(path, server));
  const [certificate, key] = [hub!.file('server.pem'), hub!.file('server.key')];
  const spoil: readonly (() => void)[] = [
    () => writeFileSync(certificate, ''),
    () => rmSync(certificate),
    () => rmSync(key),
    () => writeFileSync(key, readFileSync(other!.file('server.key'))),
  ];
  for (const each of spoil) {
    each();
    assert.equal(hub!.certificate(server).isDue, true);
    hub!.writeServerFiles(server);
    assert.equal(hub!.certificate(server).isDue, false);
    assertPrivate(key);
  }
});

test('a hub is set up in no folder that has something in it', () => {
  const path = newPath();
  mkdirSync(path);
  writeFileSync(join(path, 'letter'), '');
  assert.throws(() => HubFolder.create(path, OTHER), { code: 'CONFIG_INVALID' });
  assert.deepEqual(readdirSync(path), ['letter']);
});

test('a hub that cannot be set up leaves nothing', () => {
  const inside = newPath();
  mkdirSync(inside);
  const path = join(inside, 'hub');
  // No certificate can have this name.
  const server = { listen: '0.0.0.0:4222', names: ['a\nb'] };
  assert.throws(() => HubFolder.create(path, server), { code: 'HUB_FAILED' });
  assert.deepEqual(readdirSync(inside), []);
});

test('the hub keeps the public half of a key only, and lets in who has the other', () => {
  const hub = HubFolder.create(newPath(), OTHER);
  const file = hub.add(BERLIN);
  assert.deepEqual(file.urls, OTHER.urls);
  const kept = filesBelow(hub.path)
    .filter((path) => statSync(path).isFile())
    .map((path) => readFileSync(path, 'utf8'));
  assert.ok(kept.every((text) => !text.includes(file.seed)));
  const users = readFileSync(hub.writeUsers(), 'utf8');
  assert.ok(users.includes(publicKeyOf(file.seed)));
  assert.match(users, /"es\.v1\.result\.berlin\.a1\.\*\.\*"/);
});

test('an agent is added once, and removed once', () => {
  const hub = HubFolder.create(newPath(), OTHER);
  hub.add(BERLIN);
  hub.add({ site: 'berlin', agent: 'a0' });
  assert.throws(() => hub.add(BERLIN), { code: 'OPTION_INVALID', message: /has a key already/ });
  assert.deepEqual(
    hub.agents().map(({ site, agent }) => `${site}/${agent}`),
    ['berlin/a0', 'berlin/a1'],
  );
  assert.equal(hub.remove(BERLIN), true);
  assert.equal(hub.remove(BERLIN), false);
  assert.equal(hub.agents().length, 1);
  assert.doesNotMatch(readFileSync(hub.writeUsers(), 'utf8'), /a1/);
});

test('where no hub is, nothing is made, and the advice says how to make one', async () => {
  const path = join(FOLDER, 'mistyped');
  const refusal = { code: 'CONFIG_INVALID', message: /no such file: set a hub up with .* init/ };
  assert.throws(() => HubFolder.open(path), refusal);
  await assert.rejects(openJournal(path), refusal);
  assert.ok(!existsSync(join(FOLDER, 'journal.db')));
});
