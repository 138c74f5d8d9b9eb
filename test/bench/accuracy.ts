/** How far each program's round-trip times are from those on the wire, probe by probe. */

import { createReadStream } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { LAB_INTERFACES } from '../lab/address-plan.ts';
import { canCapture, captureWhile, type EchoPacket } from './capture.ts';
import { type Observation, quantile } from './figures.ts';
import { measure } from './measure.ts';
import { ECHOSWEEP, FINE_IF_CROWDED, type ProgramName, versionOf } from './programs.ts';
import { addressNumber } from './range.ts';

interface Timed {
  readonly host: number;
  /** Undefined if each host is probed once. */
  readonly sequence?: number;
  readonly rttNs: number;
}

interface Trial {
  readonly program: ProgramName;
  readonly pace: 'at 1,000 probes/s' | 'at full speed';
  /** Takes the range and the report file, and prints or writes a time for each probe. */
  command(range: string, report: string): readonly string[];
  readonly writesTo?: 'file';
  readonly fineExitCodes?: readonly number[];
  timeOf(line: string): Timed | undefined;
}

const SLOW = { range: '10.5.0.0/20', smokeRange: '10.5.0.0/26' };
const FAST = { range: '10.6.0.0/16', smokeRange: '10.6.0.0/26' };
/** The target of a program that probes one host repeatedly. */
const ONE_HOST = '10.5.0.1';
const DEADLINE_MS = 60_000;

const TRIALS: readonly Trial[] = [
  echosweepTrial('at 1,000 probes/s', ['--rate', '1000']),
  fpingTrial('at 1,000 probes/s', ['-i', '1']),
  pingTrial('at 1,000 probes/s', ['-i', '0.001', '-c', '4094']),
  echosweepTrial('at full speed', ['--rate', 'max']),
  fpingTrial('at full speed', ['-i', '0']),
  pingTrial('at full speed', ['-A', '-c', '65534']),
];
/** Each program once. */
const SMOKE_TRIALS = 3;
const SMOKE_PINGS = '62';

export async function observeAccuracy(folder: string, isSmoke: boolean): Promise<Observation> {
  const rows: string[][] = [];
  const values: Record<string, number> = {};
  const trials = canCapture() ? TRIALS : [];
  for (const trial of isSmoke ? trials.slice(0, SMOKE_TRIALS) : trials) {
    if (versionOf(trial.program) === undefined) continue;
    const { errorsUs, negative } = await runTrial(trial, folder, isSmoke);
    const [median, p99, most] = [0.5, 0.99, 1].map((share) => quantile(errorsUs, share));
    rows.push([
      trial.program === 'echosweep' ? '**echosweep**' : trial.program,
      trial.pace,
      errorsUs.length.toLocaleString('en'),
      ...[median!, p99!, most!].map((us) => `${us.toFixed(1)} µs`),
      `${negative}`,
    ]);
    values[`${trial.program} ${trial.pace} median`] = median!;
    values[`${trial.program} ${trial.pace} p99`] = p99!;
    values[`${trial.program} ${trial.pace} negative`] = negative;
  }
  const columns = ['Program', 'Pace', 'Replies', 'Median error', 'p99', 'Largest', 'Negative RTTs'];
  return { kind: 'observation', columns, rows, values };
}

async function runTrial(
  trial: Trial,
  folder: string,
  isSmoke: boolean,
): Promise<{ readonly errorsUs: number[]; readonly negative: number }> {
  const report = join(folder, 'accuracy.csv');
  const outputFile = trial.writesTo === 'file' ? `${report}.out` : report;
  const { range, smokeRange } = trial.pace === 'at full speed' ? FAST : SLOW;
  const command = trial.command(isSmoke ? smokeRange : range, report);
  const shortened = command.map((word, i) =>
    isSmoke && trial.program === 'ping' && command[i - 1] === '-c' ? SMOKE_PINGS : word,
  );
  const packets = await captureWhile(LAB_INTERFACES.router, `${report}.pcap`, async () => {
    const { failure } = await measure({
      command: shortened,
      outputFile,
      deadlineMs: DEADLINE_MS,
      fineExitCodes: [...(trial.fineExitCodes ?? []), ...(isSmoke ? FINE_IF_CROWDED : [])],
    });
    if (failure !== undefined) throw new Error(`${shortened.join(' ')} ${failure}`);
  });
  const truth = truthOf(packets);
  const errorsUs: number[] = [];
  let negative = 0;
  for await (const line of createInterface({ input: createReadStream(report) })) {
    const timed = trial.timeOf(line);
    if (timed === undefined) continue;
    const trueNs = truth(timed);
    if (trueNs === undefined) throw new Error(`no reply was captured for: ${line}`);
    errorsUs.push(Math.abs(timed.rttNs - trueNs) / 1000);
    if (timed.rttNs < 0) negative++;
  }
  return { errorsUs, negative };
}

/** Round-trip times at the interface: from the outgoing request to the incoming reply. */
function truthOf(packets: readonly EchoPacket[]): (probe: Timed) => number | undefined {
  const byHost = new Map<number, number>();
  const byProbe = new Map<string, number>();
  const requestedAtNs = new Map<string, number>();
  for (const { isReply, host, sequence, atNs } of packets) {
    const probe = `${host} ${sequence}`;
    const requested = requestedAtNs.get(probe);
    if (!isReply) requestedAtNs.set(probe, atNs);
    else if (requested !== undefined && !byProbe.has(probe)) {
      byProbe.set(probe, atNs - requested);
      byHost.set(host, atNs - requested);
    }
  }
  return ({ host, sequence }) =>
    sequence === undefined ? byHost.get(host) : byProbe.get(`${host} ${sequence}`);
}

function echosweepTrial(pace: Trial['pace'], options: readonly string[]): Trial {
  return {
    program: 'echosweep',
    pace,
    command: (range, report) => [
      ...ECHOSWEEP,
      range,
      ...options,
      ...['-r', '0', '--columns', 'address,rtt_min_ms', '-o', report],
    ],
    writesTo: 'file',
    timeOf: (line) => timedHost(/^([\d.]+),([-\d.]+)$/.exec(line)),
  };
}

function fpingTrial(pace: Trial['pace'], options: readonly string[]): Trial {
  return {
    program: 'fping',
    pace,
    // It prints its per-host output to standard error.
    command: (range) => ['sh', '-c', 'exec fping -q -C 1 "$@" 2>&1', 'sh', ...options, '-g', range],
    fineExitCodes: [1],
    timeOf: (line) => timedHost(/^([\d.]+)\s*: ([-\d.]+)$/.exec(line)),
  };
}

function pingTrial(pace: Trial['pace'], options: readonly string[]): Trial {
  return {
    program: 'ping',
    pace,
    command: () => ['ping', '-n', ...options, ONE_HOST],
    timeOf: (line) => {
      const found = /icmp_seq=(\d+) .*time=([-\d.]+) ms/.exec(line);
      if (found === null) return undefined;
      // It prints sequence numbers as in the packet: 16 bits.
      const [, sequence, ms] = found.map(Number);
      return { host: addressNumber(ONE_HOST), sequence: sequence!, rttNs: ms! * 1e6 };
    },
  };
}

function timedHost(found: RegExpExecArray | null): Timed | undefined {
  if (found === null) return undefined;
  return { host: addressNumber(found[1]!), rttNs: Number(found[2]) * 1e6 };
}
