/** A nats-server of the lab's own, on loopback, with TLS and a key for each name. */

import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { createUser } from '@nats-io/nkeys';
import type { BrokerAccess } from '../../src/sites/join-file.ts';
import {
  agentPermissions,
  hubPermissions,
  type Permissions,
} from '../../src/sites/nats/subjects.ts';
import { freshFolder } from './run.ts';

const STARTED_WITHIN_MS = 60_000;

let ports = 14_222;

export class NatsServer {
  readonly url: string;
  private readonly program: string;
  private readonly folder = freshFolder();
  private readonly port = ports++;
  private readonly seeds = new Map<string, string>();
  private readonly users: string[] = [];
  private process: ChildProcess | undefined;

  /**
   * @param program the path of nats-server
   * @param agents such as `berlin/a1`
   */
  constructor(program: string, agents: readonly string[]) {
    this.program = program;
    this.url = `tls://127.0.0.1:${this.port}`;
    this.makeCertificate();
    this.addUser('hub', hubPermissions());
    for (const name of agents) {
      const [site = '', agent = ''] = name.split('/');
      this.addUser(name, agentPermissions({ site, agent }));
    }
    this.writeConfig();
  }

  /** With the seed of this name. */
  access(name: string): BrokerAccess {
    const ca = readFileSync(join(this.folder, 'ca.pem'), 'utf8');
    return { urls: [this.url], ca, seed: this.seeds.get(name)! };
  }

  async start(): Promise<void> {
    mkdirSync(join(this.folder, 'store'), { recursive: true });
    this.process = spawn(this.program, ['-c', join(this.folder, 'nats.conf')], { stdio: 'ignore' });
    const deadline = Date.now() + STARTED_WITHIN_MS;
    while (!(await this.listens())) {
      if (Date.now() > deadline) throw new Error('the nats-server did not start');
      await pause(20);
    }
  }

  /** Ends it without a chance to say goodbye; its streams are in memory, and are gone. */
  async kill(): Promise<void> {
    const ended = this.process;
    this.process = undefined;
    if (ended === undefined) return;
    ended.kill('SIGKILL');
    await once(ended, 'exit');
    rmSync(join(this.folder, 'store'), { recursive: true, force: true });
  }

  private listens(): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect(this.port, '127.0.0.1');
      socket.once('connect', () => resolve(true));
      socket.once('error', () => resolve(false));
      socket.once('data', () => socket.destroy());
    });
  }

  private addUser(name: string, { publish, subscribe }: Permissions): void {
    const key = createUser();
    this.seeds.set(name, new TextDecoder().decode(key.getSeed()));
    this.users.push(
      `{ nkey: ${key.getPublicKey()}, permissions: { publish: { allow: ${JSON.stringify(publish)} }, subscribe: { allow: ${JSON.stringify(subscribe)} } } }`,
    );
  }

  private writeConfig(): void {
    const at = (name: string): string => JSON.stringify(join(this.folder, name));
    const config = `
listen: "127.0.0.1:${this.port}"
max_payload: 1MB
tls { cert_file: ${at('hub.pem')}, key_file: ${at('hub.key')} }
jetstream { store_dir: ${at('store')}, max_memory_store: 1GB, max_file_store: 1MB }
accounts { SITES { jetstream: enabled, users: [
${this.users.join('\n')}
] } }
`;
    writeFileSync(join(this.folder, 'nats.conf'), config);
  }

  private makeCertificate(): void {
    const at = (name: string): string => join(this.folder, name);
    const openssl = (...args: string[]): void => {
      execFileSync('openssl', args, { stdio: 'pipe' });
    };
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
    writeFileSync(at('ext'), 'subjectAltName=IP:127.0.0.1\n');
    openssl(
      'req',
      '-x509',
      ...key,
      '-days',
      '30',
      '-subj',
      '/CN=lab',
      '-keyout',
      at('ca.key'),
      '-out',
      at('ca.pem'),
    );
    openssl('req', ...key, '-subj', '/CN=hub', '-keyout', at('hub.key'), '-out', at('hub.csr'));
    openssl(
      'x509',
      '-req',
      '-in',
      at('hub.csr'),
      '-CA',
      at('ca.pem'),
      '-CAkey',
      at('ca.key'),
      '-CAcreateserial',
      '-days',
      '30',
      '-extfile',
      at('ext'),
      '-out',
      at('hub.pem'),
    );
  }
}
