/** The subjects of all messages, and what a key may do with them: the one place that knows. */

import { type AgentName, type ChunkName, isName, readChunkNumber } from '../contract/names.ts';

/** The streams of chunks and of their results. */
export const WORK_STREAM = 'ES_WORK';
export const RESULT_STREAM = 'ES_RESULT';
export const WORK_SUBJECTS = 'es.v1.work.>';
export const RESULT_SUBJECTS = 'es.v1.result.>';
export const STATUS_SUBJECTS = 'es.v1.status.*.*';

/** Where the server sends what a connection has requested; unlike the default, a name that permissions can be given for. */
export const HUB_INBOX = '_INBOX_hub';

export function agentInbox({ site, agent }: AgentName): string {
  return `_INBOX_${site}_${agent}`;
}

export function workSubject({ site, scan, chunk }: ChunkName): string {
  return `es.v1.work.${site}.${scan}.${chunk}`;
}

/** @param site undefined for all */
export function workOfScan(scan: string, site = '*'): string {
  return `es.v1.work.${site}.${scan}.*`;
}

/** The scan of a `workSubject`. */
export function scanOfWork(subject: string): string {
  return subject.split('.')[4]!;
}

export function workOfSite(site: string): string {
  return `es.v1.work.${site}.*.*`;
}

export function resultSubject({ site, agent }: AgentName, { scan, chunk }: ChunkName): string {
  return `es.v1.result.${site}.${agent}.${scan}.${chunk}`;
}

export function resultsOfScan(scan: string): string {
  return `es.v1.result.*.*.${scan}.*`;
}

export function statusSubject({ site, agent }: AgentName): string {
  return `es.v1.status.${site}.${agent}`;
}

export function controlSubject(site: string): string {
  return `es.v1.control.${site}`;
}

/** The consumer from which the agents of a site take chunks, and the one that reads the results of a scan. */
export function siteConsumer(site: string): string {
  return `site-${site}`;
}

export function scanConsumer(scan: string): string {
  return `scan-${scan}`;
}

/** Where a site's agents request chunks. */
export function pullSubject(site: string): string {
  return `$JS.API.CONSUMER.MSG.NEXT.${WORK_STREAM}.${siteConsumer(site)}`;
}

/** @returns undefined unless it is exactly the subject of a result: an agent chooses the subject of the answers to its requests */
export function readResultSubject(subject: string): (AgentName & ChunkName) | undefined {
  const [es, v1, result, site, agent, scan, number = '', ...more] = subject.split('.');
  const chunk = readChunkNumber(number);
  const isResult = es === 'es' && v1 === 'v1' && result === 'result' && more.length === 0;
  return isResult && isName(site) && isName(agent) && isName(scan) && chunk !== undefined
    ? { site, agent, scan, chunk }
    : undefined;
}

/** @returns undefined unless it is exactly the subject of a status */
export function readStatusSubject(subject: string): AgentName | undefined {
  const [es, v1, status, site, agent, ...more] = subject.split('.');
  const isStatus = es === 'es' && v1 === 'v1' && status === 'status' && more.length === 0;
  return isStatus && isName(site) && isName(agent) ? { site, agent } : undefined;
}

/** The only subjects that a key may publish to and subscribe to. */
export interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
}

/** An agent takes its own site's chunks, and speaks under its own name. */
export function agentPermissions(name: AgentName): Permissions {
  const { site, agent } = name;
  return {
    publish: [
      `es.v1.result.${site}.${agent}.*.*`,
      statusSubject(name),
      pullSubject(site),
      // Not the longer form with a domain and an account: its wildcards would also match another site's acknowledgements.
      `$JS.ACK.${WORK_STREAM}.${siteConsumer(site)}.>`,
    ],
    subscribe: [`${agentInbox(name)}.>`, controlSubject(site)],
  };
}

/** The hub lays out the streams, offers chunks and reads results. */
export function hubPermissions(): Permissions {
  return {
    publish: [
      WORK_SUBJECTS,
      controlSubject('*'),
      '$JS.API.>',
      `$JS.ACK.${RESULT_STREAM}.>`,
      `$JS.ACK.*.*.${RESULT_STREAM}.>`,
    ],
    subscribe: [`${HUB_INBOX}.>`, STATUS_SUBJECTS],
  };
}
