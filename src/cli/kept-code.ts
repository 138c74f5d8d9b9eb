/**
 * Loads code with what V8 compiled of it at an earlier start. That takes a third off what a small sweep costs on top of Node.
 * Node 22.8 and later keep what a start has compiled (`module.enableCompileCache`); this keeps all functions, so it does not
 * matter what was started first.
 */

import {
  closeSync,
  fstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import Module, { createRequire } from 'node:module';
import { basename, dirname, join } from 'node:path';
import process from 'node:process';
import { Script } from 'node:vm';
import { crc32 } from 'node:zlib';
import { randomOctets } from '../random-octets.ts';

const KEPT = '.kept';
/** Each is one and a half megabytes. */
const MOST_KEPT = 4;
/** More than a large program takes. */
const ROOM_OCTETS = 4 << 20;
/** V8 copies what is not aligned to this. */
const ALIGNMENT_OCTETS = 8;
/** A start that writes for longer has been killed. */
const LONGEST_WRITE_MS = 60_000;

/** A file of code as it is now. */
interface Code {
  readonly file: string;
  readonly source: string;
  /** Differs for other code, another Node and other options of V8, as far as Node knows them. */
  readonly identity: string;
}

/**
 * Does what `require` does, and keeps what is compiled, unless the folder cannot be written.
 * @param file a CommonJS module without `import()`. Run as a script, it gives the function that Node would make of the
 *   module: to wrap its text here would copy it.
 * @param folder no other user may be able to write to it, because V8 trusts what it finds there
 * @returns whether the code came from what was kept
 */
export function requireKept(file: string, folder: string): boolean {
  const require = createRequire(file);
  const script = keptScript(file, folder);
  if (script === undefined) {
    require(file);
    return false;
  }
  const module = new Module(file);
  module.filename = file;
  require.cache[file] = module;
  script.runInThisContext()(module.exports, require, module, file, dirname(file));
  module.loaded = true;
  return script.cachedDataRejected === false;
}

/** @returns undefined if nothing is kept, and nothing can be */
function keptScript(file: string, folder: string): Script | undefined {
  const fd = openSync(file, 'r');
  try {
    const { ino, size, ctimeMs } = fstatSync(fd);
    const { version, arch, execArgv, env } = process;
    // V8 compares the length of the source alone. On Unix, only the system sets the time of a change.
    const facts = [file, ino, size, ctimeMs, version, arch, execArgv, env['NODE_OPTIONS']];
    const code = { file, source: readFileSync(fd, 'utf8'), identity: JSON.stringify(facts) };
    const place = join(folder, `${basename(file)}.${ino}-${version}${KEPT}`);
    const kept = readKept(place, code.identity);
    const script = kept && scriptOf(file, code.source, kept);
    return script?.cachedDataRejected === false ? script : compileAndKeep(code, place);
  } finally {
    closeSync(fd);
  }
}

/** V8 does not notice if what it gets is damaged. */
function readKept(place: string, identity: string): Buffer | undefined {
  try {
    const content = readFileSync(place);
    const start = content.indexOf('\n') + 1;
    const kept = content.subarray(start);
    return content.subarray(0, start).equals(headOf(identity, kept)) ? kept : undefined;
  } catch {
    return undefined;
  }
}

/** The line before what is kept. */
function headOf(identity: string, kept: Buffer): Buffer {
  const words = Buffer.from(`${identity} ${crc32(kept)}`);
  const octets = Math.ceil((words.length + 1) / ALIGNMENT_OCTETS) * ALIGNMENT_OCTETS;
  return Buffer.concat([words, Buffer.alloc(octets - words.length - 1, ' '), Buffer.from('\n')]);
}

/** @returns undefined if the place cannot be written */
function compileAndKeep(code: Code, place: string): Script | undefined {
  const folder = dirname(place);
  const temporary = `${place}.${randomOctets(6).toString('hex')}`;
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    // If nothing can be kept, compiling everything would only take time.
    writeFileSync(temporary, Buffer.alloc(ROOM_OCTETS), { flag: 'wx', mode: 0o600 });
  } catch {
    remove(temporary);
    return undefined;
  }
  try {
    const script = compileWhole(code);
    keep(script.createCachedData(), code.identity, temporary, place);
    return script;
  } finally {
    remove(temporary);
  }
}

function keep(kept: Buffer, identity: string, temporary: string, place: string): void {
  try {
    writeFileSync(temporary, Buffer.concat([headOf(identity, kept), kept]));
    renameSync(temporary, place);
    removeOldest(dirname(place));
  } catch {
    // The next start tries again.
  }
}

/** Otherwise, what was kept for removed installations and what killed starts have left would stay for good. */
function removeOldest(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.includes(KEPT))
    .map((name) => ({ path: join(folder, name), atMs: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.atMs - a.atMs);
  const kept = files.filter(({ path }) => path.endsWith(KEPT));
  const left = files.filter(
    (each) => !kept.includes(each) && Date.now() - each.atMs > LONGEST_WRITE_MS,
  );
  for (const { path } of [...kept.slice(MOST_KEPT), ...left]) remove(path);
}

function remove(path: string): void {
  try {
    rmSync(path);
  } catch {
    // It is gone already, or stays.
  }
}

/** Compiles all functions, and not only those that this start needs: the next may be of another command. */
function compileWhole({ file, source }: Code): Script {
  // Loaded only now: that takes as long as reading what is kept.
  const { setFlagsFromString } = createRequire(file)('node:v8') as typeof import('node:v8');
  setFlagsFromString('--no-lazy');
  try {
    return scriptOf(file, source);
  } finally {
    setFlagsFromString('--lazy');
  }
}

/** @param kept V8 compiles again if it is of other options of V8 */
function scriptOf(file: string, source: string, kept?: Buffer): Script {
  return new Script(source, { filename: file, ...(kept && { cachedData: kept }) });
}
