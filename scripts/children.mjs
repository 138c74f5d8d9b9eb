/** What the measuring scripts need to know of the programs that they start. */

import { readFileSync } from 'node:fs';

/**
 * Resolves once a program has written something.
 * @param {RegExp} awaited in all of its standard error so far
 * @returns {Promise<RegExpExecArray>}
 * @throws {Error} with all that it wrote, if it ended before
 */
export function said({ stderr }, awaited) {
  return new Promise((resolve, reject) => {
    let text = '';
    stderr.setEncoding('utf8').on('data', (part) => {
      text += part;
      const found = awaited.exec(text);
      if (found !== null) resolve(found);
    });
    stderr.once('close', () => reject(new Error(text)));
  });
}

/** The link with which `inventory serve` or `run` lets a browser in. @returns {Promise<string>} */
export async function linkOf(server) {
  const [, link] = await said(server, /#link=([\w-]+)/);
  return link;
}

/** The processor time that a process has had (proc(5)). */
export function cpuSeconds(pid) {
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ');
  return (Number(fields[11]) + Number(fields[12])) / 100;
}
