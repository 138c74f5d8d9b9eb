/** What poll(2) watches, laid out once. The structure is the same on Linux and macOS. */

import { allocate, type NativeMemory } from '../native/native-memory.ts';

/** struct pollfd: fd i32, events i16, revents i16. */
const POLLFD = { octets: 8, fd: 0, events: 4 } as const;

/** An array of struct pollfd. @param events that each descriptor is watched for */
export function pollSet(descriptors: readonly number[], events: number): NativeMemory {
  const pollfds = allocate(descriptors.length * POLLFD.octets);
  descriptors.forEach((descriptor, i) => {
    pollfds.view.setInt32(i * POLLFD.octets + POLLFD.fd, descriptor, true);
    pollfds.view.setInt16(i * POLLFD.octets + POLLFD.events, events, true);
  });
  return pollfds;
}
