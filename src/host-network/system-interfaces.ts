/** This host's network interfaces as Node lists them, or a clear word about why it cannot. */

import { type NetworkInterfaceInfo, networkInterfaces } from 'node:os';
import { getSystemErrorName } from 'node:util';
import { EchosweepError, messageOf } from '../errors.ts';
import { errnoInWords } from '../results/errno-words.ts';

/** By name: those with an address that are up and running (IFF_RUNNING, netdevice(7)). */
export type SystemInterfaces = NodeJS.Dict<NetworkInterfaceInfo[]>;

const NO_DESCRIPTOR_LEFT = ['EMFILE', 'ENFILE'];

/**
 * Takes a socket of its own, which the system may refuse.
 * @param list replaces Node's in tests
 * @throws EchosweepError SOCKET_FAILED
 */
export function systemInterfaces(
  list: () => SystemInterfaces = networkInterfaces,
): SystemInterfaces {
  try {
    return list();
  } catch (error) {
    const name = errnoNameOf(error);
    throw new EchosweepError(
      'SOCKET_FAILED',
      `cannot list the network interfaces: ${name === undefined ? messageOf(error) : errnoInWords(name)}`,
      name !== undefined && NO_DESCRIPTOR_LEFT.includes(name)
        ? 'allow more open files (ulimit -n; LimitNOFILE= of a systemd service)'
        : 'allow sockets of AF_NETLINK (RestrictAddressFamilies= of a systemd service, or the profile of a container)',
      { cause: error },
    );
  }
}

/** libuv has the number without its sign here, so Node calls it unknown. */
function errnoNameOf(error: unknown): string | undefined {
  if (!(error instanceof Error && 'errno' in error) || !Number(error.errno)) return undefined;
  return getSystemErrorName(-Math.abs(Number(error.errno)));
}
