/** Runs `echosweep diff`, and two reports for it that differ in every way. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { diffCommand } from '../../../src/cli/diff-command.ts';
import { readCsv } from '../report/read-csv.ts';
import { fakeSurroundings, KeptStream } from './fakes.ts';

export const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

const HEADER = 'address,hostname,status,reason,rtt_avg_ms,started_at,mac';
export const T = '2026-03-04T05:06:07.089Z';
export const OLD = [
  `10.0.0.1,a.example,up,echo-reply,1.000,${T},02:00:00:00:00:01`,
  `10.0.0.2,,up,echo-reply,1.000,${T},02:00:00:00:00:02`,
  `10.0.0.3,,down,no-response,,${T},`,
  `10.0.0.4,,down,no-response,,${T},`,
  `10.0.0.5,,up,echo-reply,2.000,${T},`,
  `10.0.0.6,,up,echo-reply,2.000,${T},`,
];
export const NEW = [
  `10.0.0.1,b.example,up,echo-reply,1.100,${T},02:00:00:00:00:01`,
  `10.0.0.2,,down,arp-failed,,${T},`,
  `10.0.0.3,"=evil(""\u0007"")",up,echo-reply,1.000,${T},02:00:00:00:00:09`,
  `10.0.0.4,,unreachable,admin-prohibited,,${T},`,
  `10.0.0.5,,up,echo-reply,20.000,${T},`,
];

export function report(name: string, rows: readonly string[], header = HEADER): string {
  const path = join(FOLDER, name);
  writeFileSync(path, [header, ...rows, ''].join('\n'));
  return path;
}

/** The same report in JSON Lines, which says who answered: a router where the host is unreachable. */
export function jsonLines(name: string, rows: readonly string[]): string {
  const [keys, ...hosts] = readCsv([HEADER, ...rows, ''].join('\n'));
  const lines = hosts.map((cells) => {
    const fields = keys!.map((key, i) => {
      const cell = cells[i]!;
      return [key, key === 'rtt_avg_ms' && cell !== '' ? Number(cell) : cell || null];
    });
    const host = Object.fromEntries(fields);
    const responder = host.status === 'unreachable' ? '192.0.2.254' : null;
    return JSON.stringify({ type: 'host', ...host, responder });
  });
  const path = join(FOLDER, name);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

export async function diff(...args: string[]) {
  const stdout = new KeptStream();
  const surroundings = fakeSurroundings({ stdout });
  const code = await diffCommand.run(args, surroundings);
  return { code, stdout: stdout.text, stderr: surroundings.stderr.text };
}

export const old = report('old.csv', OLD);
export const latest = report('new.csv', NEW);
