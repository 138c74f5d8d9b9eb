/** Reads the certificate of the web server and its key. */

import { readFile } from 'node:fs/promises';
import { createSecureContext } from 'node:tls';
import { EchosweepError, messageOf } from '../errors.ts';
import { cannotRead } from '../file-errors.ts';
import type { WebConfig } from '../inventory/config/web-config.ts';

/** Both in PEM. */
interface Certificate {
  readonly cert: string;
  readonly key: string;
}

/** @param resolve makes a path of the configuration absolute @throws EchosweepError CONFIG_INVALID */
export async function readCertificate(
  { cert, key }: NonNullable<WebConfig['tls']>,
  resolve: (path: string) => string,
): Promise<Certificate> {
  const certificate = { cert: await readPem(resolve(cert)), key: await readPem(resolve(key)) };
  try {
    createSecureContext(certificate);
  } catch (error) {
    const why = messageOf(error);
    throw new EchosweepError(
      'CONFIG_INVALID',
      `the certificate ${cert} cannot be used (${why})`,
      'give a certificate and its key, both in PEM',
      { cause: error },
    );
  }
  return certificate;
}

async function readPem(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw cannotRead('CONFIG_INVALID', path, error);
  }
}
