/**
 * Loads code with what V8 compiled of it at an earlier start: that halves the time that a small sweep takes on top of Node.
 * Node 22.8 and later keep what a start has compiled (`module.enableCompileCache`); this keeps all functions, so it does not
 * matter what was started first.
 */

import {
  appendFileSync,
  mkdirSync,
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

/** What Node puts around a CommonJS module. */
const WRAPPER = ['(function (exports, require, module, __filename, __dirname) { ', '\n})'] as const;

const KEPT = '.kept';
/** Each is one and a half megabytes. */
const MOST_KEPT = 4;

/**
 * Does what `require` does, and keeps what is compiled, unless the folder cannot be written.
 * @param file a CommonJS module without `import()`
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
  const { ino, size, ctimeMs } = statSync(file);
  // V8 compares the length of the source alone. Only the system sets the time of a change.
  const facts = [file, ino, size, ctimeMs, process.version, process.arch];
  const identity = Buffer.from(`${JSON.stringify(facts)}\n`);
  const place = join(folder, `${basename(file)}.${ino}-${process.version}${KEPT}`);
  const kept = readKept(place, identity);
  if (kept !== undefined) return scriptOf(file, kept);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    return compileAndKeep(file, place, identity);
  } catch {
    return undefined;
  }
}

function readKept(place: string, identity: Buffer): Buffer | undefined {
  try {
    const content = readFileSync(place);
    if (!content.subarray(0, identity.length).equals(identity)) return undefined;
    return content.subarray(identity.length);
  } catch {
    return undefined;
  }
}

/** @throws Error if the place cannot be written */
function compileAndKeep(file: string, place: string, identity: Buffer): Script {
  const temporary = `${place}.${process.pid}`;
  // Written first: if nothing can be kept, compiling everything would only take time.
  writeFileSync(temporary, identity, { flag: 'wx', mode: 0o600 });
  try {
    const script = compileWhole(file);
    appendFileSync(temporary, script.createCachedData());
    renameSync(temporary, place);
    removeOldest(dirname(place));
    return script;
  } catch (error) {
    rmSync(temporary, { force: true });
    throw error;
  }
}

/** What is kept of installations that are gone would stay for good. */
function removeOldest(folder: string): void {
  const kept = readdirSync(folder)
    .filter((name) => name.endsWith(KEPT))
    .map((name) => ({ path: join(folder, name), at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { path } of kept.slice(MOST_KEPT)) rmSync(path, { force: true });
}

/** Compiles all functions, and not only those that this start needs: the next may be of another command. */
function compileWhole(file: string): Script {
  // Loaded only now: that takes as long as reading what is kept.
  const { setFlagsFromString } = createRequire(file)('node:v8') as typeof import('node:v8');
  setFlagsFromString('--no-lazy');
  try {
    return scriptOf(file);
  } finally {
    setFlagsFromString('--lazy');
  }
}

/** @param kept V8 compiles again if it is damaged, or of other options of V8 */
function scriptOf(file: string, kept?: Buffer): Script {
  const [before, after] = WRAPPER;
  return new Script(before + readFileSync(file, 'utf8') + after, {
    filename: file,
    // Stacks show places in the file.
    columnOffset: -before.length,
    ...(kept && { cachedData: kept }),
  });
}
