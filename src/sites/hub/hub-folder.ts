/** The folder of a hub: its keys, its certificates, the agents that it lets in, and what nats-server reads. */

import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, dirname, join, resolve } from 'node:path';
import { EchosweepError } from '../../errors.ts';
import { cannotRead, errorCode } from '../../file-errors.ts';
import { type AgentName, isName } from '../contract/names.ts';
import { HUB_FILE } from '../hub-file.ts';
import { accessOf, type BrokerAccess, type JoinFile, objectIn } from '../join-file.ts';
import { newKeyPair, publicKeyOf } from '../nats/keys.ts';
import {
  CERTIFICATE_FILES,
  type CertificateState,
  certificateState,
  makeAuthority,
  makeServerCertificate,
} from './certificates.ts';
import { cannotWrite, createPrivately, giveToFolderOwner, writePrivately } from './private-file.ts';
import { type AgentKey, serverConfigText, usersText } from './server-config.ts';

/** A server that echosweep runs by itself. */
export interface OwnServer {
  /** Address and port, such as `0.0.0.0:4222`. */
  readonly listen: string;
  /** By which agents reach it; the first is written into join files. */
  readonly names: readonly string[];
}

/** A server that echosweep does not run. */
export interface OtherServer {
  readonly urls: readonly string[];
  /** Of the authority that signed its certificate, as PEM; undefined for those that the system trusts. */
  readonly ca: string | undefined;
}

/** An agent that has a key. */
export interface HubAgent extends AgentKey {
  readonly addedAt: Date;
}

const VERSION = 1;
const AGENTS = 'agents';
const USERS = 'users.conf';
/** What nats-server reads and writes, in the folder. */
export const SERVER_CONFIG = 'nats.conf';
export const SERVER_PID = 'nats.pid';
/** Names that a certificate always has, for a coordinator on the same machine. */
const LOCAL_NAMES = ['localhost', '127.0.0.1', '::1'] as const;
const PUBLIC_KEY = /^U[A-Z2-7]{55}$/;

export class HubFolder {
  readonly path: string;
  /** The hub's own key, and where it reaches the server. */
  readonly access: BrokerAccess;
  /** Undefined if the server is not one that echosweep runs. */
  readonly server: OwnServer | undefined;

  private constructor(path: string, access: BrokerAccess, server: OwnServer | undefined) {
    this.path = path;
    this.access = access;
    this.server = server;
  }

  /**
   * Sets a hub up in a new folder, or in one that is empty, whole or not at all.
   * @throws EchosweepError CONFIG_INVALID if there is something already; HUB_FAILED or OUTPUT_FAILED
   */
  static create(folder: string, server: OwnServer | OtherServer): HubFolder {
    const path = resolve(folder);
    if (!isEmpty(path)) {
      throw new EchosweepError(
        'CONFIG_INVALID',
        `there is something in ${path} already`,
        'choose another folder with --folder, or remove this one together with the keys in it',
      );
    }
    // The folder of a service is often there, in one that the service may not write to.
    const isThere = existsSync(path);
    const unfinished = isThere ? path : newFolderBeside(path);
    try {
      if (isThere) chmodSync(path, 0o700);
      const agents = join(unfinished, AGENTS);
      mkdirSync(agents, { mode: 0o700 });
      giveToFolderOwner(agents);
      const settings = 'listen' in server ? ownSettings(unfinished, server) : server;
      const { seed } = newKeyPair();
      const text = JSON.stringify({ v: VERSION, ...settings, seed }, undefined, 2);
      writePrivately(join(unfinished, HUB_FILE), `${text}\n`);
      if (!isThere) renameSync(unfinished, path);
    } catch (error) {
      const remains = isThere ? readdirSync(path).map((name) => join(path, name)) : [unfinished];
      for (const each of remains) rmSync(each, { recursive: true, force: true });
      throw error instanceof EchosweepError ? error : cannotWrite(path, error);
    }
    return HubFolder.open(path);
  }

  /** @throws EchosweepError CONFIG_INVALID */
  static open(folder: string): HubFolder {
    const path = resolve(folder);
    const file = join(path, HUB_FILE);
    const what = `the hub's file ${file}`;
    const advice = 'set a hub up with echosweep hub init, or name its folder with --folder';
    const fields = objectIn(file, what, advice, advice);
    return new HubFolder(path, accessOf(fields, what, advice), serverOf(fields, what));
  }

  file(name: string): string {
    return join(this.path, name);
  }

  /** All agents that have a key, by site and name. @throws EchosweepError CONFIG_INVALID */
  agents(): HubAgent[] {
    return readdirSync(this.file(AGENTS))
      .flatMap((name) => this.agentIn(name) ?? [])
      .sort((a, b) => order(a.site, b.site) || order(a.agent, b.agent));
  }

  /** Gives an agent a key, which the folder does not keep. @throws EchosweepError OPTION_INVALID if it has one */
  add(name: AgentName): JoinFile {
    const { seed, publicKey } = newKeyPair();
    const record = { v: VERSION, publicKey, addedAt: new Date().toISOString() };
    if (!createPrivately(this.agentFile(name), `${JSON.stringify(record)}\n`)) {
      throw new EchosweepError(
        'OPTION_INVALID',
        `${name.site}/${name.agent} has a key already`,
        `choose another name, or run echosweep hub remove ${name.site}/${name.agent} first`,
      );
    }
    const { ca } = this.access;
    return { ...name, urls: this.agentUrls(), ca, seed };
  }

  /** Takes an agent's key away. @returns whether it had one */
  remove(name: AgentName): boolean {
    const file = this.agentFile(name);
    const isThere = statSync(file, { throwIfNoEntry: false }) !== undefined;
    rmSync(file, { force: true });
    return isThere;
  }

  /** Writes the keys, with what each may do. @returns the path of the file */
  writeUsers(): string {
    const users = this.file(USERS);
    writePrivately(users, usersText(publicKeyOf(this.access.seed), this.agents()));
    return users;
  }

  /** Writes all that nats-server reads, and renews its certificate if that is due. */
  writeServerFiles(server: OwnServer): void {
    if (this.certificate(server).isDue) makeServerCertificate(this.path, namesIn(server));
    const config = this.file(SERVER_CONFIG);
    this.writeUsers();
    const files = {
      users: USERS,
      certificate: this.file(CERTIFICATE_FILES.server),
      key: this.file(CERTIFICATE_FILES.serverKey),
      pid: this.file(SERVER_PID),
      store: this.file('store'),
    };
    writePrivately(config, serverConfigText(server.listen, files));
  }

  /** @throws EchosweepError CONFIG_INVALID if it cannot be read */
  certificate(server: OwnServer): CertificateState {
    try {
      return certificateState(this.path, namesIn(server));
    } catch (error) {
      const what = `the certificate of the hub and its key in ${this.path}`;
      throw cannotRead('CONFIG_INVALID', what, error);
    }
  }

  private agentUrls(): readonly string[] {
    const { server } = this;
    return server === undefined
      ? this.access.urls
      : server.names.map((name) => urlOf(name, portOf(server.listen)));
  }

  private agentFile({ site, agent }: AgentName): string {
    return this.file(join(AGENTS, `${site}.${agent}.json`));
  }

  private agentIn(file: string): HubAgent | undefined {
    const [site, agent, json, ...more] = file.split('.');
    if (!isName(site) || !isName(agent) || json !== 'json' || more.length > 0) return undefined;
    const path = this.agentFile({ site, agent });
    const advice = `run echosweep hub remove ${site}/${agent}, and add it again`;
    const { publicKey, addedAt } = objectIn(path, `the file ${path}`, advice);
    if (typeof publicKey !== 'string' || !PUBLIC_KEY.test(publicKey)) {
      throw new EchosweepError('CONFIG_INVALID', `the file ${path} has no key`, advice);
    }
    return { site, agent, publicKey, addedAt: new Date(String(addedAt)) };
  }
}

/** A URL of a name or an address. */
function urlOf(name: string, port: number): string {
  return `tls://${name.includes(':') ? `[${name}]` : name}:${port}`;
}

/** Makes what an own server needs besides the hub's key. */
function ownSettings(folder: string, server: OwnServer): Record<string, unknown> {
  makeAuthority(folder);
  makeServerCertificate(folder, namesIn(server));
  for (const name of Object.values(CERTIFICATE_FILES)) chmodSync(join(folder, name), 0o600);
  const { listen, names } = server;
  const port = portOf(listen);
  const here = localAddress(listen);
  return {
    listen,
    names,
    urls: [here, ...names.filter((name) => name !== here)].map((name) => urlOf(name, port)),
    ca: readFileSync(join(folder, CERTIFICATE_FILES.ca), 'utf8'),
  };
}

function namesIn({ listen, names }: OwnServer): string[] {
  return [...new Set([...names, ...LOCAL_NAMES, localAddress(listen)])];
}

/** Where a program on the same machine reaches a server that listens there. */
function localAddress(listen: string): string {
  const address = listen.slice(0, listen.lastIndexOf(':')).replace(/^\[|\]$/g, '');
  if (address === '0.0.0.0') return '127.0.0.1';
  return address === '::' ? '::1' : address;
}

function portOf(listen: string): number {
  return Number(listen.slice(listen.lastIndexOf(':') + 1));
}

function serverOf(
  { listen, names }: Readonly<Record<string, unknown>>,
  what: string,
): OwnServer | undefined {
  if (listen === undefined) return undefined;
  const areNames = Array.isArray(names) && names.length > 0 && names.every(isText);
  if (isText(listen) && areNames) return { listen, names };
  throw new EchosweepError(
    'CONFIG_INVALID',
    `${what} does not say where its server listens and by which names`,
    'correct "listen" and "names" in it',
  );
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isEmpty(path: string): boolean {
  try {
    return readdirSync(path).length === 0;
  } catch (error) {
    return errorCode(error) === 'ENOENT';
  }
}

function newFolderBeside(path: string): string {
  try {
    mkdirSync(dirname(path), { recursive: true });
    const folder = mkdtempSync(join(dirname(path), `.${basename(path)}-`));
    giveToFolderOwner(folder);
    return folder;
  } catch (error) {
    throw cannotWrite(path, error);
  }
}

function order(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}
