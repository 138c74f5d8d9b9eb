/** What is said if the system does not list its network interfaces. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { systemInterfaces } from '../../../src/host-network/system-interfaces.ts';

/** As Node 24 throws it. */
function refusedWith(errno: number) {
  return () => {
    throw Object.assign(
      new Error(`uv_interface_addresses returned Unknown system error ${errno}`),
      {
        code: 'ERR_SYSTEM_ERROR',
        errno,
        syscall: 'uv_interface_addresses',
      },
    );
  };
}

const onLinux = { skip: process.platform !== 'linux' && 'numbers of Linux' };

test('a process without a free descriptor is to get more', onLinux, () => {
  assert.throws(() => systemInterfaces(refusedWith(24)), {
    code: 'SOCKET_FAILED',
    message:
      'cannot list the network interfaces: EMFILE, this process has too many files open: ' +
      'allow more open files (ulimit -n; LimitNOFILE= of a systemd service)',
  });
});

test('a service that may not use netlink is to be allowed to', onLinux, () => {
  assert.throws(() => systemInterfaces(refusedWith(97)), {
    code: 'SOCKET_FAILED',
    message: /: EAFNOSUPPORT, the system does .*: allow sockets of AF_NETLINK \(RestrictAddressFam/,
  });
});

test('an error without a number speaks for itself', () => {
  const broken = () => {
    throw new Error('no such call');
  };
  assert.throws(() => systemInterfaces(broken), { message: /interfaces: no such call: allow/ });
});

test('the system of this test lists its own', () => {
  assert.equal(typeof systemInterfaces(), 'object');
});
