/** Which of this host's addresses the system sends from. */

import { createSocket } from 'node:dgram';
import { type Family, formatAddress } from '../address.ts';

/** Of UDP: what arrives there is thrown away (RFC 863). */
export const DISCARD_PORT = 9;

/** The address that packets to another one leave from; undefined if there is no way there. Sends nothing. */
export function sourceTo(family: Family, address: bigint): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = createSocket(family === 4 ? 'udp4' : 'udp6');
    const end = (source: string | undefined): void => {
      socket.close();
      resolve(source);
    };
    socket.on('error', () => end(undefined));
    socket.on('connect', () => end(socket.address().address));
    socket.connect(DISCARD_PORT, formatAddress(family, address));
  });
}
