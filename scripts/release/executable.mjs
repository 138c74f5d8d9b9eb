/** Builds the single executable of a system by Node's own means: a Node with the bundled command inside. */

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { COMMAND } from '../bundle-command.mjs';
import { filesIn, manifest } from './application.mjs';
import { nodeFor } from './npm-package.mjs';

const MAIN = fileURLToPath(new URL('executable-main.cjs', import.meta.url));
/** A module that is found by its path can load others; the main script of an executable cannot. */
const START = `require('./${COMMAND}');\n`;

/**
 * @param {{ application: string, system: string, folder: string }} parts system: such as `linux-x64`
 * @returns {string} the name of the executable below the folder
 */
export function buildExecutable({ application, system, folder }) {
  const { version } = manifest();
  const name = `echosweep-${version}-${system}${system.startsWith('win32') ? '.exe' : ''}`;
  const scratch = mkdtempSync(join(tmpdir(), 'echosweep-executable-'));
  try {
    const { index, content } = packed(application, version);
    const place = (file, text) => {
      writeFileSync(join(scratch, file), text);
      return join(scratch, file);
    };
    const config = {
      main: MAIN,
      output: join(folder, name),
      executable: nodeFor(system),
      disableExperimentalSEAWarning: true,
      // Such an option would load code into a program that may have privileges.
      execArgvExtension: 'none',
      assets: {
        index: place('index.json', JSON.stringify(index)),
        content: place('content', content),
      },
    };
    const builder = nodeFor(`${process.platform}-${process.arch}`);
    execFileSync(builder, ['--build-sea', place('config.json', JSON.stringify(config))], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    chmodSync(join(folder, name), 0o755);
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
  return name;
}

/** All files one after the other, and where each is. */
function packed(application, version) {
  const contents = [
    ['start.cjs', Buffer.from(START)],
    ...filesIn(application)
      .filter((path) => !path.endsWith('.map'))
      .map((path) => [path, readFileSync(join(application, path))]),
  ];
  const files = contents.map(([path, content]) => ({
    path,
    size: content.length,
    sha256: sha256Of(content),
  }));
  const name = `echosweep-${version}-${sha256Of(JSON.stringify(files)).slice(0, 16)}`;
  return { index: { name, files }, content: Buffer.concat(contents.map(([, content]) => content)) };
}

function sha256Of(content) {
  return createHash('sha256').update(content).digest('hex');
}
