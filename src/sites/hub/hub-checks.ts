/** What `hub doctor` looks at, one check after the other. */

import { statSync } from 'node:fs';
import { platform } from 'node:os';
import { MS_A_DAY } from '../../durations.ts';
import { messageOf } from '../../errors.ts';
import { MOST_CLOCK_OFFSET_MS } from '../../inventory/site-agents.ts';
import type { HubBroker } from '../broker.ts';
import type { BrokerAccess } from '../join-file.ts';
import { countAgents } from './agent-census.ts';
import { authorityEnd } from './certificates.ts';
import { HubFolder } from './hub-folder.ts';
import { findServerProgram, versionDoubt } from './nats-server-program.ts';

/** What one check found. */
export interface Finding {
  readonly what: string;
  readonly verdict: 'well' | 'remark' | 'wrong';
  readonly detail: string;
}

/** Where to look. */
export interface CheckedHub {
  readonly folder: string;
  /** The nats-server program; undefined to look for it in `searchPath`. */
  readonly program: string | undefined;
  readonly searchPath: string | undefined;
  readonly connect: (
    access: BrokerAccess,
  ) => Promise<Pick<HubBroker, 'serverVersion' | 'onStatus' | 'close'>>;
}

const OTHERS = 0o077;
/** An agent without work reports every six seconds. */
const LISTEN_MS = 8_000;

/** Replacing an authority takes a visit to every agent. */
const AUTHORITY_NOTICE_MS = 180 * MS_A_DAY;

/** Never rejects: what cannot be checked is a finding. */
export async function hubFindings(checked: CheckedHub, now = new Date()): Promise<Finding[]> {
  const findings: Finding[] = [];
  const note = (what: string, verdict: Finding['verdict'], detail: string): void => {
    findings.push({ what, verdict, detail });
  };
  const attempt = async <Value>(
    what: string,
    act: () => Value | Promise<Value>,
  ): Promise<Value | undefined> => {
    try {
      return await act();
    } catch (error) {
      note(what, 'wrong', messageOf(error));
      return undefined;
    }
  };
  const hub = await attempt('folder', () => HubFolder.open(checked.folder));
  if (hub === undefined) return findings;
  // Windows has access control lists instead; the mode that Node makes up says nothing.
  const isOpen = platform() !== 'win32' && (statSync(hub.path).mode & OTHERS) !== 0;
  note(
    'folder',
    isOpen ? 'remark' : 'well',
    isOpen ? `${hub.path} is open to other users: chmod 700 ${hub.path}` : hub.path,
  );
  const { server } = hub;
  if (server !== undefined) {
    const program = await attempt('nats-server', () =>
      findServerProgram(checked.program, checked.searchPath),
    );
    if (program !== undefined) note('nats-server', 'well', `${program.version}, ${program.path}`);
    const certificate = await attempt('certificate', () => hub.certificate(server));
    if (certificate !== undefined) {
      const until = certificate.validTo?.toISOString().slice(0, 10);
      const { isDue } = certificate;
      const detail = isDue ? 'is due: start the hub again, which renews it' : `until ${until}`;
      note('certificate', isDue ? 'remark' : 'well', detail);
    }
  }
  if (hub.access.ca !== undefined) findings.push(authorityFinding(hub.access.ca, now));
  const agents = await attempt('agents', () => hub.agents());
  const broker = await attempt('connection', () => checked.connect(hub.access));
  if (broker === undefined) return findings;
  try {
    const doubt = versionDoubt(broker.serverVersion);
    note(
      'connection',
      doubt === undefined ? 'well' : 'remark',
      doubt ?? `nats-server ${broker.serverVersion}`,
    );
    const counted = await countAgents(broker, agents ?? [], LISTEN_MS);
    if (counted.length === 0) note('agents', 'remark', 'none has a key: echosweep hub add');
    for (const { site, agent, status, clockOffsetMs = 0 } of counted) {
      const name = `${site}/${agent}`;
      if (status === undefined) note(name, 'remark', 'silent');
      else if (status.problem !== null) note(name, 'remark', status.problem);
      else if (Math.abs(clockOffsetMs) > MOST_CLOCK_OFFSET_MS) {
        const by = `${Math.abs(clockOffsetMs / 1000).toFixed(1)} s`;
        note(name, 'remark', `its clock is ${by} ${clockOffsetMs > 0 ? 'ahead' : 'behind'}`);
      } else note(name, 'well', `connected, echosweep ${status.version}`);
    }
  } finally {
    await broker.close();
  }
  return findings;
}

/** @param ca that agents check the server's certificate against, as PEM */
function authorityFinding(ca: string, now: Date): Finding {
  const what = 'authority';
  const end = authorityEnd(ca);
  if (end === undefined) return { what, verdict: 'wrong', detail: 'is not a certificate in PEM' };
  const until = end.toISOString().slice(0, 10);
  const again =
    'set the hub up in another folder with echosweep hub init, and give each agent a new join file';
  if (end <= now) {
    return {
      what,
      verdict: 'wrong',
      detail: `expired on ${until}, so no agent can connect: ${again}`,
    };
  }
  const isSoon = end.getTime() - now.getTime() < AUTHORITY_NOTICE_MS;
  return isSoon
    ? { what, verdict: 'remark', detail: `until ${until}: before then, ${again}` }
    : { what, verdict: 'well', detail: `until ${until}` };
}
