/** The built package as it runs on macOS, but on Linux: a copy whose libSystem is the scripted one. */

import { cpSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { LAB_PACKAGE } from '../lab/ordinary-user.ts';
import { freshFolder, type RunOptions } from '../lab/run.ts';

const LIBC = 'dist/src/native/darwin/libc.js';

/** Makes the copy. @returns how to run the command of it */
export function pretendedMac(): RunOptions {
  const folder = freshFolder();
  for (const part of ['dist/src', 'dist/workers', 'package.json'])
    cpSync(join(LAB_PACKAGE, part), join(folder, part), { recursive: true });
  symlinkSync(join(LAB_PACKAGE, 'node_modules'), join(folder, 'node_modules'));
  writeFileSync(join(folder, LIBC), `export * from ${JSON.stringify(urlOf('libc-on-linux'))};\n`);
  return {
    main: join(folder, 'dist/src/cli/main.js'),
    // Threads inherit it, unlike the arguments of a command.
    env: { NODE_OPTIONS: `--import ${urlOf('as-darwin')}` },
  };
}

function urlOf(file: string): string {
  return pathToFileURL(join(LAB_PACKAGE, `dist/test/darwin/${file}.js`)).href;
}
