/** One TCP connection to a host: whether it is accepted or refused. Nothing is sent over it, and it is reset at once. */

import { Socket } from 'node:net';
import type { Family } from '../address.ts';

export interface TcpConnectionRequest {
  /** With its zone if it has one. */
  readonly address: string;
  readonly family: Family;
  readonly port: number;
  /** To connect from; undefined for the system's choice. */
  readonly source?: string | undefined;
  readonly timeoutMs: number;
}

/**
 * What became of a connection. `open`: the host accepted it. `refused`: the host refused it (RST). `nothing`: a timeout or
 * an ICMP error. `cancelled`: given up by us. `failed`: our own system refused; `busy`: it lacks something just now.
 */
export type TcpResult =
  | { readonly answer: 'open' | 'refused' | 'nothing' | 'cancelled' }
  | { readonly answer: 'failed' | 'busy'; readonly errno: string };

/** Says whether it was the host that refused; see `loadRefusalCheck`. @param fd of the socket, still open */
export type RefusalCheck = (fd: number) => boolean;

/** Of a socket that was never opened. */
const NO_DESCRIPTOR = -1;
/** What the system says of a timeout of its own, or after an ICMP error (ip(7), tcp(7), icmp_err_convert in Linux). */
const NO_ANSWER: ReadonlySet<string> = new Set([
  'EACCES',
  'ECONNREFUSED',
  'ECONNRESET',
  'EHOSTDOWN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENONET',
  'ENOPROTOOPT',
  'EOPNOTSUPP',
  'EPROTO',
  'ETIMEDOUT',
]);
/** Out of descriptors or buffers (socket(2)). */
const BUSY: ReadonlySet<string> = new Set(['EAGAIN', 'EMFILE', 'ENFILE', 'ENOBUFS', 'ENOMEM']);

/**
 * Tries a connection. Nothing is sent over it, and it is reset at once if the host accepts it (RFC 9293 section 3.10.5).
 * @param onEnd called once, when the descriptor is free again, and never before this function has returned
 * @returns a function that gives the connection up
 */
export function tryTcpConnection(
  request: TcpConnectionRequest,
  wasRefusedByHost: RefusalCheck,
  onEnd: (result: TcpResult) => void,
): () => void {
  const { address, family, port, source, timeoutMs } = request;
  let result: TcpResult = { answer: 'nothing' };
  const socket = new ObservedSocket((error, fd) => {
    if (error !== null) result = resultOf(error, () => wasRefusedByHost(fd));
  });
  const timer = setTimeout(() => socket.destroy(), timeoutMs);
  socket.once('connect', () => {
    result = { answer: 'open' };
    socket.resetAndDestroy();
  });
  // Without a listener the error would end the process; `ObservedSocket` has seen it.
  socket.on('error', () => {});
  socket.once('close', () => {
    clearTimeout(timer);
    onEnd(result);
  });
  socket.connect({
    host: address,
    family,
    port,
    ...(source !== undefined && { localAddress: source }),
  });
  return () => {
    if (socket.destroyed) return;
    result = { answer: 'cancelled' };
    socket.destroy();
  };
}

/** Shows its error while its descriptor is still open. */
class ObservedSocket extends Socket {
  private readonly onDestroy: (error: NodeJS.ErrnoException | null, fd: number) => void;

  constructor(onDestroy: ObservedSocket['onDestroy']) {
    super();
    this.onDestroy = onDestroy;
  }

  override _destroy(error: Error | null, callback: (error?: Error | null) => void): void {
    // Node has no public name for the descriptor.
    const { _handle: handle } = this as unknown as { readonly _handle?: { fd?: number } | null };
    this.onDestroy(error, handle?.fd ?? NO_DESCRIPTOR);
    super._destroy(error, callback);
  }
}

function resultOf({ code = '' }: NodeJS.ErrnoException, isByHost: () => boolean): TcpResult {
  if (code === 'ECONNREFUSED' && isByHost()) return { answer: 'refused' };
  if (NO_ANSWER.has(code)) return { answer: 'nothing' };
  return { answer: BUSY.has(code) ? 'busy' : 'failed', errno: code };
}
