/** The part of the optional package raw-socket 1.8 that is used; it brings no types of its own. */
declare module 'raw-socket' {
  import type { EventEmitter } from 'node:events';

  export interface RawSocket extends EventEmitter {
    /** Its native half. */
    readonly wrap: {
      /** sendto(2), at once. Throws an Error whose message is strerror(3)'s. */
      send(
        buffer: Uint8Array,
        offset: number,
        length: number,
        address: string,
        done: (octets: number) => void,
      ): void;
    };
    setOption(level: number, option: number, value: number): void;
    setOption(level: number, option: number, value: Uint8Array, length: number): void;
    close(): void;
    on(event: 'message', listener: (packet: Buffer, source: string) => void): this;
    on(event: 'error', listener: (error: Error) => void): this;
    on(event: 'close', listener: () => void): this;
  }

  export const AddressFamily: { readonly IPv4: number; readonly IPv6: number };
  export const Protocol: { readonly ICMP: number; readonly ICMPv6: number };
  export const SocketLevel: {
    readonly SOL_SOCKET: number;
    readonly IPPROTO_IP: number;
    readonly IPPROTO_IPV6: number;
  };
  export const SocketOption: Readonly<Record<string, number | undefined>>;
  export function createSocket(options: {
    readonly addressFamily: number;
    readonly protocol: number;
    readonly bufferSize: number;
  }): RawSocket;
}
