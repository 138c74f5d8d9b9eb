/** An address and a port to listen on, as text has them. */

import { BlockList, isIP } from 'node:net';
import { optionInvalid } from '../option-value.ts';

export interface ListenAddress {
  readonly host: string;
  readonly port: number;
}

/** Where `inventory serve` listens by default. */
export const USUAL_ADDRESS = '127.0.0.1:8469';

/** @throws EchosweepError OPTION_INVALID */
export function readListenAddress(text: string): ListenAddress {
  const [, v6, v4, digits] = /^(?:\[([0-9a-f:.]+)\]|([0-9.]+)):(\d{1,5})$/i.exec(text) ?? [];
  const host = v6 ?? v4 ?? '';
  const port = Number(digits);
  if (isIP(host) !== (v6 === undefined ? 4 : 6) || port > 65_535) {
    throw optionInvalid(
      `--listen ${JSON.stringify(text)} is not an address with a port`,
      `write one such as ${USUAL_ADDRESS} or [::1]:8469`,
    );
  }
  return { host, port };
}

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether only this machine can connect there. */
export function isLoopback({ host }: Pick<ListenAddress, 'host'>): boolean {
  return LOOPBACK.check(host, isIP(host) === 6 ? 'ipv6' : 'ipv4');
}
