/** Where compiled code may be kept, and for whom it may not. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { type Caller, codeFolder } from '../../../src/cli/code-folder.ts';

const ANN = 1000;
const BEN = 1001;
const NO_CAPABILITIES = 'Name:\tnode\nCapInh:\t0000000000000000\nCapPrm:\t0000000000000000\n';
const OWNERS: Readonly<Record<string, number>> = {
  '/home/ann': ANN,
  '/home/ben': BEN,
  '/mnt/ann': ANN,
};

function caller(uid: number, changes: Partial<Caller> = {}): Caller {
  return {
    platform: 'linux',
    env: { HOME: '/home/ann' },
    ids: { uid, euid: uid, gid: uid, egid: uid },
    status: () => NO_CAPABILITIES,
    statOf: (folder) => {
      const uid = OWNERS[folder] ?? assert.fail(`ENOENT ${folder}`);
      return { uid, mode: 0o40700 };
    },
    ...changes,
  };
}

describe('compiled code', () => {
  test('is kept in the caches of the user', () => {
    assert.equal(codeFolder(caller(ANN)), '/home/ann/.cache/echosweep');
    const env = { HOME: '/home/ben', XDG_CACHE_HOME: '/mnt/ann' };
    assert.equal(codeFolder(caller(ANN, { env })), '/mnt/ann/echosweep');
    const mac = caller(ANN, { platform: 'darwin', status: () => assert.fail() });
    assert.equal(codeFolder(mac), '/home/ann/Library/Caches/echosweep');
  });

  test('of root is in a folder of root, whatever the home', () => {
    const full = {
      status: () => NO_CAPABILITIES.replaceAll('0000000000000000', '000001ffffffffff'),
    };
    assert.equal(codeFolder(caller(0, full)), '/var/cache/echosweep');
  });

  test('is not kept in a folder of another user, nor where there is none', () => {
    for (const env of [
      { HOME: '/home/ben' },
      { HOME: '/home/ann', XDG_CACHE_HOME: '/home/ben' },
      { HOME: '/home/nobody' },
      { HOME: '' },
      {},
    ])
      assert.equal(codeFolder(caller(ANN, { env })), undefined, JSON.stringify(env));
  });

  test('is neither kept in nor loaded from a folder that another user made or can write to', () => {
    const folders = [
      [{ uid: ANN, mode: 0o40700 }, '/home/ann/.cache/echosweep'],
      [{ uid: BEN, mode: 0o40700 }, undefined],
      [{ uid: ANN, mode: 0o40770 }, undefined],
      [{ uid: ANN, mode: 0o40707 }, undefined],
    ] as const;
    for (const [made, expected] of folders) {
      const statOf = (folder: string) =>
        folder.endsWith('/echosweep') ? made : { uid: ANN, mode: 0o40777 };
      assert.equal(codeFolder(caller(ANN, { statOf })), expected);
    }
  });

  test('is neither kept nor loaded by a program that may do more than its caller', () => {
    const ids = { uid: ANN, euid: ANN, gid: ANN, egid: ANN };
    const status = NO_CAPABILITIES.replace(
      'CapPrm:\t0000000000000000',
      'CapPrm:\t0000000000002000',
    );
    for (const changes of [
      { ids: { ...ids, euid: 0 } },
      { ids: { ...ids, egid: 0 } },
      { ids: { ...ids, uid: 0, gid: 0 } },
      { status: () => status },
      { status: () => '' },
      { status: () => assert.fail('EACCES') },
    ])
      assert.equal(codeFolder(caller(ANN, changes)), undefined);
  });

  test('is left to Node if its variables say so', () => {
    for (const env of [
      { HOME: '/home/ann', NODE_COMPILE_CACHE: '' },
      { HOME: '/home/ann', NODE_COMPILE_CACHE: '/tmp/cache' },
      { HOME: '/home/ann', NODE_DISABLE_COMPILE_CACHE: '1' },
    ])
      assert.equal(codeFolder(caller(ANN, { env })), undefined, JSON.stringify(env));
  });

  test('is kept on Windows where the account keeps its data', () => {
    const windows = (env: NodeJS.ProcessEnv): Caller =>
      caller(ANN, { platform: 'win32', ids: undefined, env });
    assert.match(codeFolder(windows({ LOCALAPPDATA: 'local' })) ?? '', /^local.echosweep.code$/);
    assert.equal(codeFolder(windows({ HOME: '/home/ann' })), undefined);
  });
});
