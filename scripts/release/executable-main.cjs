/** What the single executable runs first: unpacks the command into a private folder, or checks the one unpacked earlier, and starts it. */

'use strict';

const { createHash } = require('node:crypto');
const {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} = require('node:fs');
const { createRequire } = require('node:module');
const { tmpdir } = require('node:os');
const { dirname, join } = require('node:path');
const { getAsset, getRawAsset } = require('node:sea');

/** The exit code for "the system refused". */
const EXIT_SYSTEM = 4;
const WRITABLE_BY_OTHERS = 0o022;
const STICKY = 0o1000;
/** Holds the state of the files when they were last compared. */
const COMPARED = 'compared';

const { name, files } = JSON.parse(getAsset('index', 'utf8'));
const uid = process.getuid?.();
const isRoot = uid === 0;
/** Under sudo, root becomes the user that called it, and threads load files after that. */
const FOLDER_MODE = isRoot ? 0o755 : 0o700;
const FILE_MODE = isRoot ? 0o644 : 0o600;

start();

function start() {
  const problems = [];
  for (const place of places()) {
    let folder;
    try {
      folder = unpackedIn(place);
    } catch (error) {
      problems.push(error.message);
      continue;
    }
    // The name of a link to this program says what it is called as.
    process.argv[1] = process.argv0;
    createRequire(join(folder, 'start.cjs'))('./start.cjs');
    return;
  }
  process.stderr.write(
    `echosweep: cannot unpack itself (${problems.join('; ')}): set TMPDIR to a folder that is yours to write\n`,
  );
  process.exitCode = EXIT_SYSTEM;
}

/** Folders for caches, the best first. */
function places() {
  const { HOME, LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  if (process.platform === 'win32') return LOCALAPPDATA ? [LOCALAPPDATA, tmpdir()] : [tmpdir()];
  // A home may be on a share that root cannot write, or be that of another user.
  if (isRoot) return ['/var/cache', tmpdir()];
  if (XDG_CACHE_HOME) return [XDG_CACHE_HOME, tmpdir()];
  const cache = process.platform === 'darwin' ? 'Library/Caches' : '.cache';
  return HOME ? [join(HOME, cache), tmpdir()] : [tmpdir()];
}

/** @returns the folder, with all files as they were packed @throws Error if that cannot be had here */
function unpackedIn(place) {
  if (!isRoot) mkdirSync(place, { recursive: true, mode: 0o700 });
  requireSafe(place);
  const folder = join(place, uid === undefined ? name : `${name}-${uid}`);
  if (isIntact(folder)) return folder;
  // Files appear under their final name all at once, so that another process never loads half of them.
  const fresh = mkdtempSync(`${folder}.`);
  try {
    unpack(fresh);
    replace(folder, fresh);
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
  if (!isIntact(folder)) throw new Error(`${folder} changes`);
  return folder;
}

/** No other user may be able to put another folder in place of ours. */
function requireSafe(place) {
  if (uid === undefined) return;
  const { uid: owner, mode } = statSync(place);
  const isOwn = owner === uid || owner === 0;
  const isClosed = (mode & WRITABLE_BY_OTHERS) === 0 || (mode & STICKY) !== 0;
  if (!isOwn || !isClosed) throw new Error(`${place} is open to other users`);
}

function isIntact(folder) {
  try {
    const { uid: owner, mode } = lstatSync(folder);
    if (uid !== undefined && (owner !== uid || (mode & WRITABLE_BY_OTHERS) !== 0)) return false;
    const state = stateOf(folder);
    if (state === comparedState(folder)) return true;
    const isSame = files.every(({ path, size, sha256 }) => {
      const content = readFileSync(join(folder, path));
      return content.length === size && sha256Of(content) === sha256;
    });
    if (isSame) noteCompared(folder, state);
    return isSame;
  } catch {
    return false;
  }
}

/**
 * Differs once any file has changed: nobody but the system sets the time of a change. Sums of all files would take longer
 * than all else at a start.
 */
function stateOf(folder) {
  const states = files.map(({ path }) => {
    const { ino, size, mtimeMs, ctimeMs } = lstatSync(join(folder, path));
    return `${ino} ${size} ${mtimeMs} ${ctimeMs}`;
  });
  return sha256Of(states.join());
}

function comparedState(folder) {
  try {
    return readFileSync(join(folder, COMPARED), 'utf8');
  } catch {
    return undefined;
  }
}

function noteCompared(folder, state) {
  try {
    writeFileSync(join(folder, COMPARED), state, { mode: FILE_MODE });
  } catch {
    // The next start compares again.
  }
}

function unpack(folder) {
  const packed = Buffer.from(getRawAsset('content'));
  const umask = process.umask(0o022);
  try {
    let offset = 0;
    for (const { path, size, sha256 } of files) {
      const content = packed.subarray(offset, offset + size);
      if (sha256Of(content) !== sha256) throw new Error('the executable is damaged');
      mkdirSync(dirname(join(folder, path)), { recursive: true, mode: FOLDER_MODE });
      writeFileSync(join(folder, path), content, { mode: FILE_MODE });
      offset += size;
    }
    chmodSync(folder, FOLDER_MODE);
  } finally {
    process.umask(umask);
  }
}

/** Whatever is there is not intact, or another process has just put it there. */
function replace(folder, fresh) {
  try {
    renameSync(fresh, folder);
  } catch (error) {
    if (isIntact(folder)) return;
    if (error.code === 'ENOENT') throw error;
    rmSync(folder, { recursive: true });
    renameSync(fresh, folder);
  }
}

function sha256Of(content) {
  return createHash('sha256').update(content).digest('hex');
}
