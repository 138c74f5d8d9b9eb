/** Where targets come from: arguments, files and standard input. */

import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { after, describe, test } from 'node:test';
import { formatAddress } from '../../../src/address.ts';
import { parseCommandLine } from '../../../src/cli/command-line.ts';
import { readTargets } from '../../../src/cli/target-input.ts';
import { resolveSettings } from '../../../src/settings.ts';
import type { TargetSet } from '../../../src/targets/target-set.ts';

const folder = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(folder, { recursive: true }));

function fileOf(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

const KNOWN: Readonly<Record<string, string[]>> = {
  'two.example': ['192.0.2.7', '192.0.2.8', '2001:db8::7'],
};

async function resolve(name: string): Promise<string[]> {
  if (KNOWN[name] === undefined) {
    throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' });
  }
  return KNOWN[name];
}

function read(args: string[], stdin = ''): Promise<TargetSet> {
  const line = parseCommandLine(args);
  return readTargets(line, resolveSettings(line.sweep), { stdin: Readable.from([stdin]) }, resolve);
}

async function rangesOf(args: string[], stdin = ''): Promise<string[]> {
  const { ranges } = await read(args, stdin);
  return ranges.map(
    ({ family, first, last }) => `${formatAddress(family, first)}-${formatAddress(family, last)}`,
  );
}

describe('sources', () => {
  test('arguments, several files and standard input are one set', async () => {
    const a = fileOf('a.txt', '192.0.2.16/30 # lab\n\n192.0.2.32, 192.0.2.34');
    const b = fileOf('b.txt', '192.0.2.40-41');
    assert.deepEqual(await rangesOf(['192.0.2.1', '-f', a, '-f', b, '-f', '-'], '192.0.2.50\n'), [
      '192.0.2.1-192.0.2.1',
      '192.0.2.17-192.0.2.18',
      '192.0.2.32-192.0.2.32',
      '192.0.2.34-192.0.2.34',
      '192.0.2.40-192.0.2.41',
      '192.0.2.50-192.0.2.50',
    ]);
  });

  test('exclusions are taken off, from options and files', async () => {
    const file = fileOf('exclude.txt', '192.0.2.3');
    const args = ['192.0.2.0/29', '--exclude', '192.0.2.5', '--exclude-file', file];
    assert.deepEqual(await rangesOf(args), [
      '192.0.2.1-192.0.2.2',
      '192.0.2.4-192.0.2.4',
      '192.0.2.6-192.0.2.6',
    ]);
  });

  test('the options for targets are heeded', async () => {
    assert.deepEqual(await rangesOf(['192.0.2.0/30', '--include-edges']), ['192.0.2.0-192.0.2.3']);
    assert.deepEqual(await rangesOf(['two.example', '--first-address']), ['192.0.2.7-192.0.2.7']);
    assert.deepEqual(await rangesOf(['two.example', '-6']), ['2001:db8::7-2001:db8::7']);
    await assert.rejects(read(['10.0.0.0/11']), /--yes/);
    assert.equal((await read(['10.0.0.0/11', '--yes'])).count, 2 ** 21 - 2);
  });

  test('200,000 targets in a file are no trouble', async () => {
    const lines = Array.from(
      { length: 200_000 },
      (_, i) => `10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`,
    );
    const file = fileOf('many.txt', lines.slice(1).join('\n'));
    assert.equal((await read(['-f', file])).count, 199_999);
  });
});

describe('names', () => {
  test('one that is not known is told with its place, and the rest is swept', async () => {
    const file = fileOf('names.txt', '# names\nnowhere.example\n192.0.2.1');
    const { count, unresolved } = await read(['-f', file]);
    assert.equal(count, 1);
    assert.deepEqual(unresolved, [
      {
        name: 'nowhere.example',
        where: `${file}, line 2`,
        reason: 'does not resolve',
      },
    ]);
  });

  test('where none is known the set is empty, and each is told', async () => {
    const { count, unresolved } = await read(['nowhere.example', 'never.example']);
    assert.equal(count, 0);
    assert.deepEqual(
      unresolved.map(({ name, where }) => `${where}: ${name}`),
      ['target: nowhere.example', 'target: never.example'],
    );
  });
});

describe('what is refused', () => {
  test('a file that is not there, or is a folder', async () => {
    const missing = join(folder, 'missing.txt');
    await assert.rejects(read(['-f', missing]), {
      code: 'TARGET_INVALID',
      message: `cannot read targets from ${missing}: there is no such file: correct its name`,
    });
    await assert.rejects(read(['192.0.2.1', '--exclude-file', folder]), /it is a folder/);
  });

  test('standard input twice', async () => {
    await assert.rejects(read(['-f', '-', '--exclude-file', '-'], '192.0.2.1'), {
      code: 'OPTION_INVALID',
      message: 'standard input can be read once: give - to one --file or --exclude-file',
    });
  });

  test('a wrong line, named by file and line', async () => {
    const file = fileOf('wrong.txt', '192.0.2.1\n192.0.2.300\n');
    await assert.rejects(read(['-f', file]), (error: Error) => {
      assert.ok(error.message.startsWith(`${file}, line 2: "192.0.2.300" `), error.message);
      return true;
    });
    await assert.rejects(
      read(['-f', '-'], '10.0.0.0/33'),
      /^EchosweepError: standard input, line 1: /,
    );
  });

  test('a wrong argument, and no target at all', async () => {
    await assert.rejects(read(['10.0.0.0/33']), /^EchosweepError: target: "10\.0\.0\.0\/33" /);
    await assert.rejects(read(['192.0.2.1', '--exclude', 'x/y']), /^EchosweepError: --exclude: /);
    await assert.rejects(read([]), /^EchosweepError: no target: /);
  });
});
