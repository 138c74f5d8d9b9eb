/**
 * `npm run selftest [-- FILE]`: tries every engine on this host, and prints a report to send in. Sends only to the loopback
 * addresses and to this host's own default gateways, whose addresses it leaves out of the report. Exit code 1 if a check
 * failed.
 */

import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import {
  arch,
  availableParallelism,
  networkInterfaces,
  platform,
  release,
  tmpdir,
  version,
} from 'node:os';
import { join } from 'node:path';
import { argv, execPath, stderr, stdout, versions } from 'node:process';
import { MAIN, ROOT } from './ensure.mjs';
import { makeReady } from './make-ready.mjs';
import { defaultGateways, withoutSecrets } from './selftest-host.mjs';

const COMMAND_TIMEOUT_MS = 60_000;
const LOOPBACK = { 4: '127.0.0.1', 6: '::1' };
/** Longer than this, and it was not the loopback interface's doing. */
const LONGEST_LOOPBACK_MS = 250;
const PROBES = 5;

await makeReady();

const folder = mkdtempSync(join(tmpdir(), 'echosweep-selftest-'));
try {
  await main();
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const lines = [];
  const print = (line) => {
    lines.push(line);
    stdout.write(`${line}\n`);
  };
  const { version: packageVersion } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
  print(`echosweep ${packageVersion} selftest, ${new Date().toISOString()}`);
  print(`system  ${platform()} ${release()}, ${arch()}, ${availableParallelism()} processors`);
  print(`        ${version()}`);
  print(`Node    ${versions.node}, libuv ${versions.uv}`);
  const gateways = await defaultGateways();
  const doctor = await echosweep(['doctor']);
  print('');
  for (const line of doctor.stdout.trimEnd().split('\n')) print(withoutSecrets(line, gateways));
  print('');
  const checks = await checkEngines(enginesThatWork(doctor.stdout), gateways, print);
  const failed = checks.filter(({ outcome }) => outcome === 'not ok').length;
  print('');
  print(`${checks.length} checks, ${failed} failed`);
  if (argv[2] !== undefined) writeFileSync(argv[2], `${lines.join('\n')}\n`);
  stderr.write('Please send this report in with what you expected to see.\n');
  if (failed > 0 || checks.length === 0) process.exitCode = 1;
}

/** Of the lines that doctor prints: those that say `works`. */
function enginesThatWork(text) {
  const lines = text.split('\n').map((line) => /^(\S+) +works /.exec(line)?.[1]);
  return lines.filter((engine) => engine !== undefined && engine !== 'neighbours');
}

async function checkEngines(engines, gateways, print) {
  const checks = [];
  const check = async (name, body) => {
    const startedAt = performance.now();
    const { outcome, detail } = await body().catch((error) => failure(error.message));
    checks.push({ name, outcome });
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1);
    const words = withoutSecrets(detail, gateways);
    print(`${outcome.padEnd(8)} ${name.padEnd(32)} ${words} (${seconds} s)`);
  };
  const atGateways = new Map();
  for (const engine of engines) {
    await check(`${engine}: loopback`, () => answersAtOnce(engine, 4));
    if (hasLoopback6()) await check(`${engine}: loopback, IPv6`, () => answersAtOnce(engine, 6));
    await check(`${engine}: ${PROBES} probes`, () => answersEveryProbe(engine));
    await check(`${engine}: long probes`, () => answersAtOnce(engine, 4, ['-b', '1400']));
    for (const { family, address } of gateways) {
      await check(`${engine}: gateway, IPv${family}`, async () => {
        const { host } = await sweep(engine, address, ['-r', '1']);
        atGateways.set(family, [...(atGateways.get(family) ?? []), host.status]);
        return success(inWords(host));
      });
    }
  }
  for (const [family, statuses] of atGateways) {
    await check(`engines agree on the IPv${family} gateway`, async () =>
      new Set(statuses).size === 1 ? success(statuses[0]) : failure(statuses.join(', ')),
    );
  }
  return checks;
}

async function answersAtOnce(engine, family, options = []) {
  const { host, run } = await sweep(engine, LOOPBACK[family], options);
  const rttMs = host.rtts_ms.find((rtt) => rtt !== null);
  // Windows' ping says only that it was less than a millisecond.
  const isPlausible =
    rttMs === undefined ? engine === 'system' : rttMs > 0 && rttMs < LONGEST_LOOPBACK_MS;
  const isGood = host.status === 'up' && isPlausible;
  const words = `${inWords(host)}; times by ${run.clock}, ${run.workers} worker`;
  return isGood ? success(words) : failure(words);
}

async function answersEveryProbe(engine) {
  const { host } = await sweep(engine, LOOPBACK[4], ['-c', String(PROBES), '-p', '20']);
  const isGood = host.received === PROBES && host.duplicates === 0;
  const words = `${host.pattern}, ${host.duplicates} duplicates`;
  return isGood ? success(words) : failure(words);
}

/** Probes one address. @returns {Promise<{ host: object, run: object }>} its record, and that of the run */
async function sweep(engine, address, options) {
  const report = join(folder, 'report.jsonl');
  const args = [address, '--engine', engine, '--no-canary', '-o', report, ...options];
  const { code, stderr: words } = await echosweep(args);
  // With 5, the sweep has its doubts, and the report is there.
  if (code !== 0 && code !== 5) throw new Error(`exit code ${code}: ${words.trim()}`);
  const records = readFileSync(report, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  rmSync(report);
  return { host: records.find(({ type }) => type === 'host'), run: records.at(-1) };
}

function inWords({ status, reason, errno, ttl, mac, rtts_ms }) {
  const rtts = rtts_ms.filter((rtt) => rtt !== null).map((rtt) => `${rtt} ms`);
  const seen = [
    ...rtts.slice(0, 1),
    ...(ttl === null ? [] : [`TTL ${ttl}`]),
    ...(errno === null ? [] : [errno]),
    ...(mac === null ? [] : ['MAC address known']),
  ];
  return [`${status} ${reason}`, ...seen].join(', ');
}

function success(detail) {
  return { outcome: 'ok', detail };
}

function failure(detail) {
  return { outcome: 'not ok', detail };
}

function hasLoopback6() {
  return Object.values(networkInterfaces())
    .flat()
    .some(({ address }) => address === LOOPBACK[6]);
}

function echosweep(args) {
  const options = { timeout: COMMAND_TIMEOUT_MS, killSignal: 'SIGKILL' };
  return new Promise((resolve) => {
    execFile(execPath, [MAIN, ...args], options, (error, out, words) => {
      const code = error === null ? 0 : (error.code ?? error.signal);
      resolve({ code, stdout: out, stderr: words });
    });
  });
}
