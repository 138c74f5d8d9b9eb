/** How `hub add` and `hub remove` notify the hub that runs: a socket in its folder, closed to others. */

import { chmodSync, rmSync } from 'node:fs';
import { connect, createServer, type Server } from 'node:net';
import { relative } from 'node:path';
import { EchosweepError, messageOf } from '../../errors.ts';
import { errorCode } from '../../file-errors.ts';
import { giveToFolderOwner } from './private-file.ts';

/** sockaddr_un, unix(7): 107 octets on Linux, 103 on macOS. */
const LONGEST_PATH = 103;
const ANSWER_WITHIN_MS = 10_000;
const DONE = 'done';

/** In the folder of a hub. */
export const HUB_SOCKET = 'hub.sock';

/** What came of a notification. */
export type Notified = 'applied' | 'not-running';

/**
 * Listens for changes until it is closed.
 * @param apply applies the changes
 * @throws EchosweepError HUB_FAILED if a hub of this folder runs already
 */
export async function listenForChanges(
  path: string,
  apply: () => Promise<void>,
): Promise<{ close(): void }> {
  if (await isListening(path)) {
    throw new EchosweepError(
      'HUB_FAILED',
      'a hub of this folder runs already',
      'use that one, or stop it first',
    );
  }
  rmSync(path, { force: true });
  // One change after the other, so that the last to be applied is the last to be made.
  let queue: Promise<unknown> = Promise.resolve();
  const server = createServer((socket) => {
    socket.on('error', () => {});
    queue = queue.then(apply).then(
      () => socket.end(DONE),
      (error: unknown) => socket.end(messageOf(error)),
    );
  });
  await listening(server, path);
  chmodSync(path, 0o600);
  giveToFolderOwner(path);
  return {
    close: () => {
      server.close();
      rmSync(path, { force: true });
    },
  };
}

/** Lets the hub that runs apply what has changed in its folder. @throws EchosweepError HUB_FAILED if it cannot */
export async function notifyHub(path: string): Promise<Notified> {
  const answer = await exchange(path);
  if (answer === undefined) return 'not-running';
  if (answer === DONE) return 'applied';
  throw new EchosweepError(
    'HUB_FAILED',
    `the hub could not apply the change (${answer || 'it gave no answer'})`,
    'start the hub again',
  );
}

/** @returns undefined if no hub listens */
function exchange(path: string): Promise<string | undefined> {
  return new Promise((resolve, reject) => {
    const socket = connect(shortest(path));
    let answer = '';
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text;
    });
    socket.setTimeout(ANSWER_WITHIN_MS, () => socket.destroy());
    socket.on('error', (error) => {
      if (['ENOENT', 'ECONNREFUSED'].includes(errorCode(error))) resolve(undefined);
      else reject(error);
    });
    socket.on('close', () => resolve(answer));
  });
}

function isListening(path: string): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(shortest(path));
    socket.on('connect', () => resolve(true));
    socket.on('error', () => resolve(false));
    socket.on('connect', () => socket.destroy());
  });
}

function listening(server: Server, path: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.on('error', reject);
    server.listen(shortest(path), resolve);
  });
}

/** The path as it fits into a socket's address. @throws EchosweepError HUB_FAILED */
function shortest(path: string): string {
  const fromHere = relative('', path);
  const shorter = fromHere.length < path.length ? fromHere : path;
  if (Buffer.byteLength(shorter) <= LONGEST_PATH) return shorter;
  throw new EchosweepError(
    'HUB_FAILED',
    `the path ${path} is too long for a socket`,
    'choose a folder with a shorter path',
  );
}
