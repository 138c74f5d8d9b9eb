/** A report file that appears whole or not at all: written next to its place, then renamed over it. */

import { constants, createWriteStream, openSync, type Stats } from 'node:fs';
import {
  access,
  type FileHandle,
  lstat,
  open,
  readdir,
  readFile,
  readlink,
  realpath,
  rename,
  rm,
  stat,
} from 'node:fs/promises';
import { Socket } from 'node:net';
import { basename, dirname, join, resolve } from 'node:path';
import { crc32 } from 'node:zlib';
import { EchosweepError } from '../errors.ts';
import { errorCode } from '../file-errors.ts';
import { randomOctets } from '../random-octets.ts';
import { outputFailed, type Piece, type ReportOutput } from './output.ts';
import { ownedStream } from './output-stream.ts';

/** These name an open descriptor or the kernel's own files: renaming another file over what they lead to would miss it. */
const DESCRIPTOR_PATH = /^\/(dev\/(stdout|stderr|fd\/)|proc\/)/;

/** A sweep adds to its report more often than this: an older unfinished file is from a process that was killed. */
const ABANDONED_MS = 7 * 24 * 3600 * 1000;

/**
 * Opens the place of a report now, so that one that cannot be written is found before the first probe. A regular file
 * is replaced when the report is complete and keeps its permissions, a symbolic link stays a link to it; a pipe or a
 * character device is written to straight away.
 * @throws EchosweepError OUTPUT_FAILED
 */
export async function openOutputFile(path: string): Promise<ReportOutput> {
  try {
    const existing = await statIfExists(path);
    if (existing?.isDirectory()) throw Object.assign(new Error(path), { code: 'EISDIR' });
    if (existing?.isBlockDevice()) {
      throw new EchosweepError(
        'OUTPUT_FAILED',
        `cannot write the report to ${path}: it is a disk, which the report would destroy`,
        'name a file',
      );
    }
    const isRegular = existing === undefined || existing.isFile();
    if (!isRegular || DESCRIPTOR_PATH.test(path)) return openInPlace(path, existing);
    return await AtomicFile.open(path, existing);
  } catch (error) {
    throw error instanceof EchosweepError ? error : outputFailed(path, error);
  }
}

async function statIfExists(path: string): Promise<Stats | undefined> {
  try {
    return await stat(path);
  } catch (error) {
    if (errorCode(error) === 'ENOENT') return undefined;
    throw error;
  }
}

/**
 * A pipe is opened without waiting for its reader (without one the system reports ENXIO): a thread that waits inside
 * `open` or `write` would keep the process from ending.
 */
function openInPlace(path: string, existing: Stats | undefined): ReportOutput {
  if (existing?.isFIFO()) {
    const fd = openSync(path, constants.O_WRONLY | constants.O_NONBLOCK);
    return ownedStream(new Socket({ fd, readable: false, writable: true }), path);
  }
  const fd = openSync(path, constants.O_WRONLY | constants.O_APPEND | constants.O_NOCTTY);
  return ownedStream(createWriteStream(path, { fd }), path);
}

class AtomicFile implements ReportOutput {
  /** As it was given, for messages. */
  readonly #path: string;
  /** Where the links in `path` lead. */
  readonly #target: string;
  readonly #temporary: string;
  readonly #handle: FileHandle;
  #isSettled = false;

  private constructor(path: string, target: string, temporary: string, handle: FileHandle) {
    this.#path = path;
    this.#target = target;
    this.#temporary = temporary;
    this.#handle = handle;
  }

  static async open(path: string, existing: Stats | undefined): Promise<AtomicFile> {
    // Renaming needs no right to write the file itself; one that its owner protected is respected all the same.
    if (existing !== undefined) await access(path, constants.W_OK);
    const target = await followLinks(path);
    if (await isMountPoint(target)) throw Object.assign(new Error(path), { code: 'EBUSY' });
    const folder = dirname(target);
    const prefix = temporaryPrefix(target);
    await clearAbandoned(folder, prefix);
    const temporary = join(folder, `${prefix}${randomOctets(8).toString('hex')}.tmp`);
    // O_EXCL of `wx` also refuses a symbolic link that another user put there; 0o666 is narrowed by the umask.
    const handle = await open(temporary, 'wx', 0o666);
    const file = new AtomicFile(path, target, temporary, handle);
    try {
      if (existing !== undefined) await takeOwnerAndMode(handle, existing);
    } catch (error) {
      await file.discard();
      throw error;
    }
    return file;
  }

  async write(piece: Piece): Promise<void> {
    try {
      await this.#handle.writeFile(piece);
    } catch (error) {
      await this.discard();
      throw outputFailed(this.#path, error);
    }
  }

  async commit(): Promise<void> {
    try {
      await this.#handle.sync();
      await this.#handle.close();
    } catch (error) {
      await this.discard();
      throw outputFailed(this.#path, error);
    }
    if (this.#isSettled) throw outputFailed(this.#path, new Error('it was given up'));
    this.#isSettled = true;
    try {
      await rename(this.#temporary, this.#target);
    } catch (error) {
      // A file open in another program, a sticky folder: no reason to lose a finished sweep.
      throw new EchosweepError(
        'OUTPUT_FAILED',
        `cannot put the report in the place of ${this.#path} (${errorCode(error)})`,
        `the complete report is in ${this.#temporary}; move it from there`,
        { cause: error },
      );
    }
    await syncFolder(dirname(this.#target));
  }

  async discard(): Promise<void> {
    if (this.#isSettled) return;
    this.#isSettled = true;
    await this.#handle.close().catch(ignore);
    await rm(this.#temporary, { force: true }).catch(ignore);
  }
}

/** Identifies a report's unfinished files among those of other reports; short, whatever the report's name. */
function temporaryPrefix(target: string): string {
  return `.echosweep-${crc32(basename(target)).toString(16)}-`;
}

/** Removes what killed processes left of this report, so that a sweep that is killed every night fills no disk. */
async function clearAbandoned(folder: string, prefix: string): Promise<void> {
  const names = await readdir(folder).catch(() => []);
  for (const name of names) {
    if (!name.startsWith(prefix) || !name.endsWith('.tmp')) continue;
    const path = join(folder, name);
    const { mtimeMs } = await lstat(path).catch(() => ({ mtimeMs: Number.NaN }));
    if (Date.now() - mtimeMs > ABANDONED_MS) await rm(path, { force: true }).catch(ignore);
  }
}

/** The file that a path finally leads to, even if its last link leads to nothing yet. */
async function followLinks(path: string): Promise<string> {
  try {
    return await realpath(path);
  } catch (error) {
    if (errorCode(error) !== 'ENOENT') throw error;
  }
  let link: string;
  try {
    link = await readlink(path);
  } catch {
    return path;
  }
  return followLinks(resolve(await realpath(dirname(path)), link));
}

/**
 * A single file mounted into a container cannot be renamed over, which would come to light only at the end.
 * Fields as in proc_pid_mountinfo(5): the fifth is the mount point, its blanks in octal.
 */
async function isMountPoint(path: string): Promise<boolean> {
  const mounts = await readFile('/proc/self/mountinfo', 'utf8').catch(() => '');
  return mounts.split('\n').some((mount) => {
    const point = mount
      .split(' ')[4]
      ?.replace(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)));
    return point === path;
  });
}

/** Only root may give a file away; if we may not, the report stays ours with the old file's permissions. */
async function takeOwnerAndMode(handle: FileHandle, existing: Stats): Promise<void> {
  const own = await handle.stat();
  if (own.uid !== existing.uid || own.gid !== existing.gid) {
    await handle.chown(existing.uid, existing.gid).catch(ignore);
  }
  await handle.chmod(existing.mode & 0o777);
}

/** Makes the new name itself survive a power cut, if the system lets a folder be synced. */
async function syncFolder(path: string): Promise<void> {
  try {
    const handle = await open(path, 'r');
    await handle.sync().finally(() => handle.close());
  } catch {
    // Some systems cannot; the report is in its place all the same.
  }
}

function ignore(): void {}
