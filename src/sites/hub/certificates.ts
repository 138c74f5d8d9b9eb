/** The hub's own certificate authority and the server's certificate, made by the openssl program. */

import { spawnSync } from 'node:child_process';
import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { isIP } from 'node:net';
import { join } from 'node:path';
import { MS_A_DAY } from '../../durations.ts';
import { EchosweepError } from '../../errors.ts';
import { errorCode } from '../../file-errors.ts';
import { giveToFolderOwner } from './private-file.ts';

/** Names in the folder of a hub. */
export const CERTIFICATE_FILES = {
  ca: 'ca.pem',
  caKey: 'ca.key',
  server: 'server.pem',
  serverKey: 'server.key',
} as const;

const CA_DAYS = 3650;
/** No client takes a certificate of this length for too long; it is renewed by itself. */
const SERVER_DAYS = 825;
const RENEWED_BEFORE_DAYS = 90;

const EXTENSIONS = `[req]
distinguished_name = name
[name]
[ca]
basicConstraints = critical, CA:TRUE, pathlen:0
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
`;

/** Makes the authority in a folder. @throws EchosweepError HUB_FAILED */
export function makeAuthority(folder: string): void {
  const { ca, caKey } = CERTIFICATE_FILES;
  withFile(folder, 'extensions', EXTENSIONS, (config) => {
    openssl(folder, [
      ...['req', '-x509', ...NEW_KEY, '-days', String(CA_DAYS), '-subj', '/CN=echosweep hub'],
      ...['-config', config, '-extensions', 'ca', '-keyout', caKey, '-out', ca],
    ]);
  });
  for (const name of [caKey, ca]) giveToFolderOwner(join(folder, name));
}

/**
 * Makes a key and a certificate for these names and addresses, or replaces both.
 * @throws EchosweepError HUB_FAILED
 */
export function makeServerCertificate(folder: string, names: readonly string[]): void {
  const { ca, caKey, server, serverKey } = CERTIFICATE_FILES;
  const altNames = names.map((name) => `${isIP(name) === 0 ? 'DNS' : 'IP'}:${name}`).join(', ');
  const extensions = `${EXTENSIONS}[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth
authorityKeyIdentifier = keyid
subjectAltName = ${altNames}
`;
  const [newKey, newCertificate] = [`${serverKey}.new`, `${server}.new`];
  withFile(folder, 'extensions', extensions, (config) => {
    withFile(folder, 'request', '', (request) => {
      openssl(folder, [
        ...['req', '-new', ...NEW_KEY, '-subj', '/CN=echosweep hub server'],
        ...['-config', config, '-keyout', newKey, '-out', request],
      ]);
      openssl(folder, [
        ...['x509', '-req', '-in', request, '-CA', ca, '-CAkey', caKey],
        ...['-set_serial', String(Date.now()), '-days', String(SERVER_DAYS)],
        ...['-extfile', config, '-extensions', 'server', '-out', newCertificate],
      ]);
    });
  });
  for (const name of [serverKey, server]) {
    const path = join(folder, name);
    giveToFolderOwner(`${path}.new`);
    renameSync(`${path}.new`, path);
  }
}

/** What there is to know about a certificate. */
export interface CertificateState {
  /** Undefined if there is no certificate with its key: one file is missing, damaged, or of another pair. */
  readonly validTo: Date | undefined;
  readonly missingNames: readonly string[];
  /** There is none, it ends soon, or it does not have all names. */
  readonly isDue: boolean;
}

/** Of the server in a folder. @param names that it should have @throws Error if its files cannot be read */
export function certificateState(
  folder: string,
  names: readonly string[],
  now = new Date(),
): CertificateState {
  const certificate = certificateWithKey(folder);
  if (certificate === undefined) return { validTo: undefined, missingNames: names, isDue: true };
  const validTo = new Date(certificate.validTo);
  const missingNames = names.filter((name) => {
    const found = isIP(name) === 0 ? certificate.checkHost(name) : certificate.checkIP(name);
    return found === undefined;
  });
  const leftMs = validTo.getTime() - now.getTime();
  return {
    validTo,
    missingNames,
    isDue: missingNames.length > 0 || leftMs < RENEWED_BEFORE_DAYS * MS_A_DAY,
  };
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/**
 * Until when authorities are valid: the last one of several. It cannot be renewed, because agents have it in their join files.
 * @param pem certificates in PEM
 * @returns undefined if there is none
 */
export function authorityEnd(pem: string): Date | undefined {
  try {
    const ends = (pem.match(CERTIFICATE) ?? []).map((each) => new X509Certificate(each).validTo);
    return ends.length === 0 ? undefined : new Date(Math.max(...ends.map(Date.parse)));
  } catch {
    return undefined;
  }
}

/** A process that is killed, or a power cut, may leave a key without its certificate, or an empty file. */
function certificateWithKey(folder: string): X509Certificate | undefined {
  const { server, serverKey } = CERTIFICATE_FILES;
  try {
    const certificate = new X509Certificate(readFileSync(join(folder, server)));
    const key = createPrivateKey(readFileSync(join(folder, serverKey)));
    return certificate.checkPrivateKey(key) ? certificate : undefined;
  } catch (error) {
    const code = errorCode(error);
    if (code === 'ENOENT' || code.startsWith('ERR_OSSL')) return undefined;
    throw error;
  }
}

const NEW_KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'] as const;

function withFile(folder: string, name: string, text: string, act: (name: string) => void): void {
  const path = join(folder, name);
  writeFileSync(path, text, { mode: 0o600 });
  try {
    act(name);
  } finally {
    rmSync(path, { force: true });
  }
}

function openssl(cwd: string, args: readonly string[]): void {
  const done = spawnSync('openssl', args, { cwd, encoding: 'utf8' });
  if (done.status === 0) return;
  const isMissing = errorCode(done.error) === 'ENOENT';
  throw new EchosweepError(
    'HUB_FAILED',
    isMissing
      ? 'the openssl program, which makes certificates, is not installed'
      : `openssl could not make a certificate (${lastLine(done.stderr) || done.error?.message})`,
    isMissing ? 'install it, for example with sudo apt-get install openssl' : 'check its version',
    { cause: done.error },
  );
}

function lastLine(text: string | null): string {
  return text?.trim().split('\n').at(-1) ?? '';
}
