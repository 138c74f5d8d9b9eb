/** The nats-server programs to try: the one that is installed, and a newer one if there is. */

import { findServerProgram, type ServerProgram } from '../../src/sites/hub/nats-server-program.ts';

/** What a test is declared for: a program, or why there is none. */
export interface TriedServer {
  readonly label: string;
  readonly program: ServerProgram | undefined;
  readonly missing: string | undefined;
}

const INSTALL = 'sudo apt-get install nats-server';
const NEWER = process.env['NATS_SERVER_NEWER'];

/** The oldest that is supported, as Debian has it. */
const INSTALLED_SERVER = tried('nats-server', undefined, INSTALL);

/** `none` leaves the newer one out. */
export const TRIED_SERVERS: readonly TriedServer[] =
  NEWER === 'none' ? [INSTALLED_SERVER] : [INSTALLED_SERVER, newer()];

function newer(): TriedServer {
  const label = 'a newer nats-server';
  return NEWER === undefined
    ? { label, program: undefined, missing: `no newer nats-server: NATS_SERVER_NEWER names one` }
    : tried(label, NEWER, 'correct NATS_SERVER_NEWER');
}

function tried(name: string, path: string | undefined, advice: string): TriedServer {
  try {
    const program = findServerProgram(path, process.env['PATH']);
    return { label: `nats-server ${program.version}`, program, missing: undefined };
  } catch {
    return { label: name, program: undefined, missing: `no ${name}: ${advice}` };
  }
}
