/**
 * `npm run -s lab -- node scripts/web-load.mjs [readers] [seconds between requests] [probes/s]`: scans a /16 without and
 * with readers of the web interface, and prints how long the API took and what the readers cost the scan.
 */

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { Agent, request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { linkOf } from './children.mjs';
import { MAIN } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';

const [readers = 50, pauseS = 1, ratePps = 10_000] = process.argv.slice(2).map(Number);
/** What the pages request; those that this version does not have are left out. */
const PATHS = [
  '/networks',
  '/networks/load',
  '/networks/load/map',
  '/networks/load/hosts?limit=100',
  '/networks/load/hosts?limit=100&offset=30000',
  '/networks/load/history',
  '/changes?limit=100',
  '/search?q=127.0.12',
  '/session',
];

await makeReady();
const folder = mkdtempSync(join(tmpdir(), 'echosweep-load-'));
writeFileSync(
  join(folder, 'echosweep.yaml'),
  `networks: { load: { targets: 127.0.0.0/16, sweep: { rate: ${ratePps} } } }\n`,
);
const server = spawn(process.execPath, [MAIN, 'inventory', 'run', '--listen', '127.0.0.1:8469'], {
  cwd: folder,
  stdio: ['ignore', 'ignore', 'pipe'],
});
try {
  const link = await linkOf(server);
  const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY });
  const ask = client(agent);
  const signedIn = await ask('POST', '/session', { link });
  const cookie = signedIn.headers['set-cookie'][0].split(';')[0];
  const asked = client(agent, cookie);
  // The first one writes every host, and is not compared.
  await scan(asked);
  const paths = await present(asked);
  const alone = [await scan(asked), await scan(asked)];
  const load = read(asked, paths);
  const together = [await scan(asked), await scan(asked)];
  const times = await load.end();
  print(alone, together, times, paths);
  agent.destroy();
} finally {
  server.kill('SIGTERM');
  await new Promise((resolve) => server.once('close', resolve));
  rmSync(folder, { recursive: true });
}

function client(agent, cookie) {
  return (method, path, body) =>
    new Promise((resolve) => {
      const headers = {
        origin: 'http://127.0.0.1:8469',
        ...(cookie !== undefined && { cookie }),
        ...(body !== undefined && { 'content-type': 'application/json' }),
      };
      const options = {
        agent,
        host: '127.0.0.1',
        port: 8469,
        path: `/api/v1${path}`,
        method,
        headers,
      };
      request(options, (response) => {
        let text = '';
        response.setEncoding('utf8').on('data', (part) => {
          text += part;
        });
        response.on('end', () =>
          resolve({ status: response.statusCode, headers: response.headers, text }),
        );
      })
        .on('error', ({ code }) => resolve({ status: code, headers: {}, text: '' }))
        .end(body === undefined ? undefined : JSON.stringify(body));
    });
}

/** @returns {Promise<number>} how long a scan took, ms */
async function scan(asked) {
  const before = await lastScan(asked);
  await asked('POST', '/networks/load/scan');
  for (;;) {
    await delay(200);
    const last = await lastScan(asked);
    if (last !== null && last.started_at !== before?.started_at) {
      return Date.parse(last.ended_at) - Date.parse(last.started_at);
    }
  }
}

async function lastScan(asked) {
  for (;;) {
    const { status, text } = await asked('GET', '/networks');
    if (status === 200) return JSON.parse(text).items[0].last_scan;
  }
}

async function present(asked) {
  const found = [];
  for (const path of PATHS) if ((await asked('GET', path)).status === 200) found.push(path);
  return found;
}

/** Starts the readers. */
function read(asked, paths) {
  const times = [];
  let isOver = false;
  const loops = Array.from({ length: readers }, async (_, reader) => {
    await delay((1000 * pauseS * reader) / readers);
    for (let i = reader; !isOver; i++) {
      const path = paths[i % paths.length];
      const startMs = performance.now();
      const { status } = await asked('GET', path);
      times.push({ path, ms: performance.now() - startMs, isGood: status === 200 });
      await delay(1000 * pauseS);
    }
  });
  return {
    end: async () => {
      isOver = true;
      await Promise.all(loops);
      return times;
    },
  };
}

function print(alone, together, times, paths) {
  const mean = (list) => list.reduce((sum, each) => sum + each, 0) / list.length;
  const slowdown = (100 * (mean(together) - mean(alone))) / mean(alone);
  const failed = times.filter(({ isGood }) => !isGood).length;
  const lines = [
    `${readers} readers, a request every ${pauseS} s each, during scans of 65,536 addresses at ${ratePps}/s`,
    `scan alone ${alone.map(seconds).join(', ')}; with readers ${together.map(seconds).join(', ')}: ${slowdown.toFixed(1)} % slower`,
    `all: ${summary(times)}; ${failed} failed`,
    ...paths.map((path) => `${path}: ${summary(times.filter((each) => each.path === path))}`),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function summary(times) {
  const sorted = times.map(({ ms }) => ms).sort((a, b) => a - b);
  const at = (share) =>
    sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]?.toFixed(1);
  return `${sorted.length} requests, median ${at(0.5)} ms, p95 ${at(0.95)} ms, max ${at(1)} ms`;
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(2)} s`;
}
