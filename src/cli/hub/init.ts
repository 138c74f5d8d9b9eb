/** `echosweep hub init`: a folder with all keys and certificates of a new hub. */

import { readFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { hostname } from 'node:os';
import { EchosweepError } from '../../errors.ts';
import { cannotRead } from '../../file-errors.ts';
import { text } from '../../option-spec.ts';
import { optionInvalid } from '../../option-value.ts';
import { authorityEnd } from '../../sites/hub/certificates.ts';
import { HubFolder, type OtherServer, type OwnServer } from '../../sites/hub/hub-folder.ts';
import { isBrokerUrl } from '../../sites/join-file.ts';
import { readListenAddress } from '../../web/listen-address.ts';
import { EXIT, type ExitCode } from '../exit-codes.ts';
import { type LineOf, subcommand } from '../subcommand.ts';
import { printWords, type Surroundings } from '../terminal.ts';
import { FOLDER_OPTION } from './hub-options.ts';

export const INIT = subcommand({
  name: 'hub init',
  usage: '[<name>...]',
  takes: [0, 16],
  description:
    'Makes the folder of a new hub, with a certificate for the names or addresses by which agents reach it ' +
    '(without any: the name of this host). With --server it is a hub on a NATS server of your own.',
  options: [
    FOLDER_OPTION,
    text('listen', '--listen <address:port>', 'Address and port that agents connect to.', {
      default: '0.0.0.0:4222',
    }),
    text(
      'server',
      '--server <url>',
      'A NATS server of your own, such as tls://nats.example:4222.',
      {
        otherwise: 'hub run starts one',
      },
    ),
    text('ca', '--ca <file>', 'The authority that signed the certificate of --server, in PEM.', {
      isPath: true,
      otherwise: 'those that the system trusts',
    }),
  ],
});

/** A host name, or an address without brackets. */
const NAME =
  /^(?=.{1,253}$)[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?(?:\.[a-z0-9_](?:[a-z0-9_-]*[a-z0-9_])?)*$/i;

/** @throws EchosweepError CONFIG_INVALID, OPTION_INVALID, HUB_FAILED or OUTPUT_FAILED */
export async function initCommand(
  { args, values }: LineOf<typeof INIT>,
  surroundings: Surroundings,
): Promise<ExitCode> {
  const { folder, server, ca, listen } = values;
  const hub = HubFolder.create(
    folder,
    server === undefined ? ownServer(args, listen, ca) : otherServer(args, server, ca),
  );
  const at = folder === FOLDER_OPTION.default ? '' : ` --folder ${folder}`;
  const reached = hub.server?.names.join(', ') ?? server!;
  printWords(surroundings, [
    `wrote ${hub.path}; agents reach the hub at ${reached}; next:`,
    ...(hub.server === undefined
      ? [`  include ${hub.writeUsers()} in an account of the server that has JetStream`]
      : [`  echosweep hub run${at}                      starts it`]),
    `  echosweep hub add${at} berlin/a1 > a1.join  lets an agent in; give it the file`,
  ]);
  return EXIT.ok;
}

function ownServer(names: readonly string[], listen: string, ca: string | undefined): OwnServer {
  readListenAddress(listen);
  if (ca !== undefined) {
    throw optionInvalid('--ca belongs to --server', 'leave it out, or give --server');
  }
  const wrong = names.find((name) => isIP(name) === 0 && !NAME.test(name));
  if (wrong !== undefined) {
    throw optionInvalid(
      `${JSON.stringify(wrong)} is neither a host name nor an address`,
      'write it without scheme, port and brackets, such as hub.example',
    );
  }
  return { listen, names: names.length === 0 ? [hostname()] : names };
}

function otherServer(
  names: readonly string[],
  server: string,
  ca: string | undefined,
): OtherServer {
  if (names.length > 0) {
    throw optionInvalid('names belong to a server that hub run starts', 'leave them out');
  }
  if (!isBrokerUrl(server)) {
    throw optionInvalid(
      `--server ${JSON.stringify(server)} is not the URL of a NATS server`,
      'write one such as tls://nats.example:4222',
    );
  }
  return { urls: [server], ca: ca === undefined ? undefined : readAuthority(ca) };
}

function readAuthority(path: string): string {
  const pem = readText(path);
  if (authorityEnd(pem) !== undefined) return pem;
  throw new EchosweepError(
    'CONFIG_INVALID',
    `${path} is not a certificate in PEM`,
    'name the file of the authority that signed the certificate of --server',
  );
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw cannotRead('CONFIG_INVALID', path, error);
  }
}
