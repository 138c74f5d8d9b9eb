/** What the hub writes for nats-server: its configuration, and each key with what it may do. */

import type { AgentName } from '../contract/names.ts';
import { agentPermissions, hubPermissions, type Permissions } from '../nats/subjects.ts';

/** A key that the server lets in. */
export interface AgentKey extends AgentName {
  readonly publicKey: string;
}

/** Absolute paths, but for the first. */
interface ServerFiles {
  /** Relative to the folder of the configuration, as nats-server reads what is included. */
  readonly users: string;
  readonly certificate: string;
  readonly key: string;
  readonly pid: string;
  /** JetStream wants a folder, even if all streams are in memory. */
  readonly store: string;
}

/** Results that wait (256 MB), chunks that wait (64 MB), and room for the server's own records. */
const MEMORY = '512MB';

/** @param listen address and port */
export function serverConfigText(listen: string, files: ServerFiles): string {
  return `# Written by echosweep hub at each start; changes here are lost.
server_name: echosweep-hub
listen: ${quoted(listen)}
pid_file: ${quoted(files.pid)}
max_payload: 1048576
write_deadline: "10s"
# A connection that was cut without a word is noticed after this and twice more.
ping_interval: "20s"
tls {
  cert_file: ${quoted(files.certificate)}
  key_file: ${quoted(files.key)}
  # Seconds for a handshake: hundreds of agents connect at the same time after a restart.
  timeout: 10
}
jetstream {
  store_dir: ${quoted(files.store)}
  max_memory_store: ${MEMORY}
  max_file_store: 1MB
}
accounts {
  ECHOSWEEP {
    jetstream: enabled
    include ${quoted(files.users)}
  }
}
`;
}

/** The keys, for the account that the hub and its agents share. */
export function usersText(hubKey: string, agents: readonly AgentKey[]): string {
  const users = [
    userText('the hub', hubKey, hubPermissions()),
    ...agents.map((each) =>
      userText(`${each.site}/${each.agent}`, each.publicKey, agentPermissions(each)),
    ),
  ];
  return `# Written by echosweep hub; changes here are lost.\nusers: [\n${users.join('')}]\n`;
}

function userText(whose: string, publicKey: string, { publish, subscribe }: Permissions): string {
  return `  # ${whose}
  { nkey: ${publicKey}, permissions: {
    publish: { allow: ${listText(publish)} },
    subscribe: { allow: ${listText(subscribe)} }
  } }
`;
}

function listText(subjects: readonly string[]): string {
  return `[${subjects.map(quoted).join(', ')}]`;
}

/** nats-server reads the escapes of JSON in a text. */
function quoted(text: string): string {
  return JSON.stringify(text);
}
