/** Reads and writes the files that let a program in at the broker: an agent's join file and the hub's own. */

import { readFileSync } from 'node:fs';
import { EchosweepError } from '../errors.ts';
import { errorCode, readFault } from '../file-errors.ts';
import { type AgentName, isName, NAME_RULE } from './contract/names.ts';

/** Where the broker is, and the key to it. */
export interface BrokerAccess {
  /** Such as `tls://hub.example:4222`; of several, the next is tried if one fails. */
  readonly urls: readonly string[];
  /** The authority that signed the server's certificate, as PEM; undefined for those that the system trusts. */
  readonly ca: string | undefined;
  /** The secret key: an nkey seed. */
  readonly seed: string;
}

/** All that an agent needs to take part. */
export interface JoinFile extends AgentName, BrokerAccess {}

const VERSION = 1;
const SCHEMES: ReadonlySet<string> = new Set(['tls:', 'nats:']);
const SEED = /^SU[A-Z2-7]{56}$/;

/** @throws EchosweepError CONFIG_INVALID */
export function readJoinFile(path: string): JoinFile {
  const what = `the join file ${path}`;
  const advice = 'make a new one with echosweep hub add';
  const fields = objectIn(path, what, advice);
  const { site, agent } = fields;
  if (!isName(site) || !isName(agent)) {
    throw invalid(`${what} does not name a site and an agent`, advice);
  }
  return { site, agent, ...accessOf(fields, what, advice) };
}

/** The text of a join file. */
export function joinFileText({ site, agent, urls, ca, seed }: JoinFile): string {
  return `${JSON.stringify({ v: VERSION, site, agent, urls, ca, seed }, undefined, 2)}\n`;
}

/**
 * Reads `berlin/a1`.
 * @throws EchosweepError OPTION_INVALID
 */
export function readAgentName(text: string): AgentName {
  const [site, agent, ...more] = text.split('/');
  if (isName(site) && isName(agent) && more.length === 0) return { site, agent };
  throw new EchosweepError(
    'OPTION_INVALID',
    `${JSON.stringify(text)} is not a site and an agent such as berlin/a1`,
    `for each, ${NAME_RULE}`,
  );
}

/** The object in a file, of a version that this program understands. @throws EchosweepError CONFIG_INVALID */
export function objectIn(
  path: string,
  what: string,
  advice: string,
  adviceIfMissing?: string,
): Readonly<Record<string, unknown>> {
  const value = jsonIn(path, what, advice, adviceIfMissing);
  if (typeof value !== 'object' || value === null || !('v' in value)) {
    throw invalid(`${what} is incomplete`, advice);
  }
  if (value.v !== VERSION) {
    throw invalid(
      `${what} has version ${String(value.v)}, and this program understands ${VERSION}`,
      'use the same version of echosweep on both sides',
    );
  }
  return value as Readonly<Record<string, unknown>>;
}

function jsonIn(
  path: string,
  what: string,
  advice: string,
  adviceIfMissing: string | undefined,
): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    const fault = readFault(error);
    const isMissing = errorCode(error) === 'ENOENT';
    throw invalid(
      `cannot read ${what}: ${fault.problem}`,
      (isMissing ? adviceIfMissing : undefined) ?? fault.advice,
      error,
    );
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`${what} is not whole`, advice, error);
  }
}

/** @throws EchosweepError CONFIG_INVALID */
export function accessOf(
  { urls, ca, seed }: Readonly<Record<string, unknown>>,
  what: string,
  advice: string,
): BrokerAccess {
  if (!Array.isArray(urls) || urls.length === 0 || !urls.every(isBrokerUrl)) {
    throw invalid(`${what} has no address such as tls://hub.example:4222`, advice);
  }
  if (typeof seed !== 'string' || !SEED.test(seed)) throw invalid(`${what} has no key`, advice);
  if (ca !== undefined && typeof ca !== 'string') {
    throw invalid(`${what} has no certificate`, advice);
  }
  return { urls, ca, seed };
}

/** Whether a broker can be there. */
export function isBrokerUrl(value: unknown): value is string {
  if (typeof value !== 'string' || !URL.canParse(value)) return false;
  const { protocol, hostname } = new URL(value);
  return SCHEMES.has(protocol) && hostname !== '';
}

/** A file of a hub that cannot be used. */
export function invalid(problem: string, advice: string, cause?: unknown): EchosweepError {
  return new EchosweepError('CONFIG_INVALID', problem, advice, { cause });
}
