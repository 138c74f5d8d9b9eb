/** Whom privileges are dropped to. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sudoInvoker } from '../../../src/transport/privileges.ts';

test('the user who called sudo is read with suspicion', () => {
  assert.deepEqual(sudoInvoker({ SUDO_UID: '1000', SUDO_GID: '100' }), { uid: 1000, gid: 100 });
  for (const SUDO_UID of ['', '0', '-1', '1e3', '4294967295', '99999999999', 'root']) {
    assert.equal(sudoInvoker({ SUDO_UID, SUDO_GID: '100' }), undefined, SUDO_UID);
  }
  assert.equal(sudoInvoker({ SUDO_UID: '1000' }), undefined);
});
