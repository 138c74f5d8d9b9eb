/** What a report file promises: whole or not at all, found unwritable at once, nothing left behind. */

import assert from 'node:assert/strict';
import { execFileSync, spawnSync } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  constants,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { openOutputFile } from '../../../src/report/output-file.ts';
import { modulePath } from '../../root.ts';
import { NO_MODES } from '../file-mode.ts';

const IS_WINDOWS = process.platform === 'win32';
const NO_LINKS = IS_WINDOWS && 'makes symbolic links, which takes a right on Windows';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
});

const contentOf = (path: string) => readFileSync(path, 'utf8');
const filesIn = (path: string) => readdirSync(path).sort();

describe('a report file', () => {
  test('appears whole at commit and not before', async () => {
    const path = join(folder, 'r.csv');
    const output = await openOutputFile(path);
    await output.write('one\n');
    await output.write('two\n');
    assert.equal(existsSync(path), false);
    await output.commit();
    assert.equal(contentOf(path), 'one\ntwo\n');
    assert.deepEqual(filesIn(folder), ['r.csv']);
  });

  test('leaves the old report as it was when it is given up', async () => {
    const path = join(folder, 'r.csv');
    writeFileSync(path, 'old');
    const output = await openOutputFile(path);
    await output.write('new');
    assert.equal(contentOf(path), 'old');
    await output.discard();
    await output.discard();
    assert.equal(contentOf(path), 'old');
    assert.deepEqual(filesIn(folder), ['r.csv']);
  });

  test('leaves nothing behind when it is given up in the middle of a call', async () => {
    const output = await openOutputFile(join(folder, 'r.csv'));
    const writing = output.write('x'.repeat(1 << 22)).catch(() => {});
    await output.discard();
    await writing;
    const second = await openOutputFile(join(folder, 's.csv'));
    const committing = second.commit().catch(() => {});
    await second.discard();
    await committing;
    assert.deepEqual(
      filesIn(folder).filter((name) => name.endsWith('.tmp')),
      [],
    );
    assert.equal(existsSync(join(folder, 'r.csv')), false);
  });

  test('stays when it is given up after commit', async () => {
    const path = join(folder, 'r.csv');
    const output = await openOutputFile(path);
    await output.write('new');
    await output.commit();
    await output.discard();
    assert.equal(contentOf(path), 'new');
  });

  test('clears away what killed processes left of it a week ago, and nothing else', {
    skip: IS_WINDOWS && 'removes open files, which Windows refuses',
  }, async () => {
    const path = join(folder, 'r.csv');
    const other = join(folder, 'other.csv');
    // Never settled, as by a process that was killed.
    const abandoned = await openOutputFile(path);
    const [old] = filesIn(folder);
    const recent = await openOutputFile(path);
    const [young] = filesIn(folder).filter((name) => name !== old);
    const others = await openOutputFile(other);
    const [foreign] = filesIn(folder).filter((name) => name !== old && name !== young);
    const ago = (days: number): Date => new Date(Date.now() - days * 86_400_000);
    utimesSync(join(folder, old!), ago(8), ago(8));
    utimesSync(join(folder, young!), ago(6), ago(6));
    utimesSync(join(folder, foreign!), ago(8), ago(8));
    writeFileSync(join(folder, '.echosweep-notes.tmp'), '');
    utimesSync(join(folder, '.echosweep-notes.tmp'), ago(8), ago(8));
    await (await openOutputFile(path)).commit();
    assert.deepEqual(
      filesIn(folder),
      ['.echosweep-notes.tmp', foreign, young, 'r.csv'].sort() as string[],
    );
    await abandoned.discard();
    await recent.discard();
    await others.discard();
  });

  test('of two writers is the whole report of the last to finish', async () => {
    const path = join(folder, 'r.csv');
    const [first, second] = await Promise.all([openOutputFile(path), openOutputFile(path)]);
    await first.write('first ');
    await second.write('second ');
    await first.write('first');
    await second.write('second');
    await second.commit();
    assert.equal(contentOf(path), 'second second');
    await first.commit();
    assert.equal(contentOf(path), 'first first');
    assert.deepEqual(filesIn(folder), ['r.csv']);
  });

  test('keeps the permissions of the file it replaces; a new one gets those of any new file', {
    skip: NO_MODES,
  }, async () => {
    const path = join(folder, 'r.csv');
    writeFileSync(path, 'old');
    const usual = statSync(path).mode & 0o777;
    chmodSync(path, 0o640);
    await (await openOutputFile(path)).commit();
    assert.equal(statSync(path).mode & 0o777, 0o640);
    const fresh = join(folder, 'new.csv');
    await (await openOutputFile(fresh)).commit();
    assert.equal(statSync(fresh).mode & 0o777, usual);
  });

  test('goes where a symbolic link leads, and the link stays a link', {
    skip: NO_LINKS,
  }, async () => {
    mkdirSync(join(folder, 'real'));
    writeFileSync(join(folder, 'real', 'r.csv'), 'old');
    symlinkSync('real/r.csv', join(folder, 'link.csv'));
    symlinkSync('real/new.csv', join(folder, 'dangling.csv'));
    for (const name of ['link.csv', 'dangling.csv']) {
      const output = await openOutputFile(join(folder, name));
      await output.write(name);
      await output.commit();
      assert.ok(lstatSync(join(folder, name)).isSymbolicLink());
    }
    assert.equal(contentOf(join(folder, 'real', 'r.csv')), 'link.csv');
    assert.equal(contentOf(join(folder, 'real', 'new.csv')), 'dangling.csv');
    assert.deepEqual(filesIn(join(folder, 'real')), ['new.csv', 'r.csv']);
  });

  test('that cannot take its place is kept beside it, and the message says where', async () => {
    const path = join(folder, 'r.csv');
    const output = await openOutputFile(path);
    await output.write('rows');
    mkdirSync(path);
    let message = '';
    await assert.rejects(output.commit(), (error: Error & { code: string }) => {
      message = error.message;
      return error.code === 'OUTPUT_FAILED';
    });
    const kept = /the complete report is in (.*\.tmp);/.exec(message)![1]!;
    assert.equal(contentOf(kept), 'rows');
  });
});

describe('a place that cannot be written', () => {
  const refusals: [string, () => string, RegExp][] = [
    ['a folder', () => folder, /is a folder: name a file inside it/],
    ['a folder that does not exist', () => join(folder, 'no', 'r.csv'), /create it first/],
    [
      'a path through a file',
      () => join(folder, 'file', 'r.csv'),
      // Windows does not tell the two apart.
      IS_WINDOWS ? /create it first/ : /is a file, not a folder/,
    ],
  ];
  for (const [name, pathOf, message] of refusals) {
    test(`is found when it is opened: ${name}`, async () => {
      writeFileSync(join(folder, 'file'), '');
      await assert.rejects(openOutputFile(pathOf()), { code: 'OUTPUT_FAILED', message });
      assert.deepEqual(filesIn(folder), ['file']);
    });
  }

  test('is found when it is opened: a name too long', {
    skip: IS_WINDOWS && 'tests a limit that Windows does not have everywhere',
  }, async () => {
    const path = join(folder, 'x'.repeat(300));
    await assert.rejects(openOutputFile(path), { code: 'OUTPUT_FAILED', message: /too long/ });
    assert.deepEqual(filesIn(folder), []);
  });

  test('is found when it is opened: links in a circle', { skip: NO_LINKS }, async () => {
    const path = join(folder, 'circle');
    symlinkSync('circle', path);
    await assert.rejects(openOutputFile(path), { code: 'OUTPUT_FAILED', message: /loop/ });
    assert.deepEqual(filesIn(folder), ['circle']);
  });

  test('a folder that takes no files is found when it is opened', {
    skip: !existsSync('/proc/self') && 'no /proc here',
  }, async () => {
    await assert.rejects(openOutputFile('/proc/echosweep.csv'), { code: 'OUTPUT_FAILED' });
  });
});

const privateMounts = ['--user', '--map-root-user', '--mount', '--propagation', 'private'];
const hasPrivateMounts = spawnSync('unshare', [...privateMounts, 'true']).status === 0;

test('a file that something is mounted on is found when it is opened', {
  skip: !hasPrivateMounts && 'no private mounts here',
}, () => {
  const path = join(folder, 'a report.csv');
  writeFileSync(path, 'old');
  const module = pathToFileURL(modulePath('src/report/output-file.ts'));
  const script = `const { openOutputFile } = await import(${JSON.stringify(module.href)});
    await openOutputFile(process.argv[1]).catch((error) => console.log(error.message));`;
  const shell = 'mount --bind "$1" "$1" && exec "$0" --input-type=module -e "$2" "$1"';
  const args = [...privateMounts, 'sh', '-c', shell, process.execPath, path, script];
  const { stdout } = spawnSync('unshare', args, { encoding: 'utf8' });
  assert.match(stdout, /a report\.csv: something is mounted on it/);
  assert.deepEqual(filesIn(folder), ['a report.csv']);
});

describe('a place that is no regular file', () => {
  test('a device takes the report as it comes', {
    skip: IS_WINDOWS && 'no /dev/null here',
  }, async () => {
    const output = await openOutputFile('/dev/null');
    await output.write('rows');
    await output.commit();
    assert.ok(statSync('/dev/null').isCharacterDevice());
  });

  test('a full disk is told with its cause', {
    skip: !existsSync('/dev/full') && 'no /dev/full here',
  }, async () => {
    const output = await openOutputFile('/dev/full');
    await assert.rejects(output.write('rows'), (error: Error) => {
      assert.match(
        error.message,
        /^cannot write the report to \/dev\/full: the disk is full: free/,
      );
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'ENOSPC');
      return true;
    });
    await output.discard();
  });

  const noPipes = IS_WINDOWS && 'no named pipes here';

  test('a named pipe without a reader is refused at once', { skip: noPipes }, async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    await assert.rejects(openOutputFile(path), {
      code: 'OUTPUT_FAILED',
      message: /it has no reader: start its reader first/,
    });
  });

  test('a named pipe carries the whole report to its reader and ends', {
    skip: noPipes,
  }, async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const readingFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const output = await openOutputFile(path);
    const received = text(new Socket({ fd: readingFd, readable: true, writable: false }));
    const rows = 'x'.repeat(300_000);
    await output.write(rows);
    await output.commit();
    assert.equal(await received, rows);
    assert.ok(lstatSync(path).isFIFO());
  });

  test('a named pipe whose reader goes away is told as EPIPE', { skip: noPipes }, async () => {
    const path = join(folder, 'pipe');
    execFileSync('mkfifo', [path]);
    const readingFd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const output = await openOutputFile(path);
    closeSync(readingFd);
    await assert.rejects(output.write('rows'), (error: Error & { code: string }) => {
      assert.equal(error.code, 'OUTPUT_FAILED');
      assert.equal((error.cause as NodeJS.ErrnoException).code, 'EPIPE');
      return true;
    });
    await output.discard();
  });
});
