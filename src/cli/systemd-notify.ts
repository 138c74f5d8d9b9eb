/** Words to systemd about the state of a service (sd_notify(3)): a datagram to a UNIX socket, which Node cannot send. */

import { AF_UNIX, SOCK_CLOEXEC, SOCK_DGRAM } from '../native/linux/constants.ts';
import { close, connect, send, socket } from '../native/linux/libc.ts';

/** struct sockaddr_un, unix(7): family u16, then 108 octets of path. */
const PATH_OFFSET = 2;
const LONGEST_PATH = 107;

/**
 * Sends a notification, such as `READY=1`.
 * @param path of NOTIFY_SOCKET; one that begins with `@` is in the abstract namespace
 * @returns whether systemd has received it
 */
export function notifySystemd(path: string, words: string): boolean {
  const octets = Buffer.from(path.replace(/^@/, '\0'));
  if (octets.length === 0 || octets.length > LONGEST_PATH) return false;
  const address = new Uint8Array(PATH_OFFSET + octets.length);
  new DataView(address.buffer).setUint16(0, AF_UNIX, true);
  address.set(octets, PATH_OFFSET);
  const fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
  if (fd < 0) return false;
  try {
    const message = Buffer.from(words);
    return (
      connect(fd, address, address.length) === 0 &&
      send(fd, message, message.length, 0) === message.length
    );
  } finally {
    close(fd);
  }
}
