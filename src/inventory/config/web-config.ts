/** The web interface: every field that a configuration may give it, once. */

import { isIP } from 'node:net';
import { z } from 'zod';
import { fieldProblem } from '../field-problem.ts';
import { isWebAddress } from '../notify/receiver-fields.ts';
import type { SecretPlace } from '../notify/secret.ts';
import { isPasswordHash } from '../password-hash.ts';

export type WebRole = 'view' | 'edit';

/** A person who signs in with a password. */
export interface WebUser {
  readonly passwordHash: string;
  readonly role: WebRole;
}

/** Roles of people that another system signed in; `*` stands for all of them, `group:x` for the members of x. */
export interface WebRoles {
  readonly viewers: readonly string[];
  readonly editors: readonly string[];
}

/** A proxy that signs people in and names them in a header. */
export interface WebProxy extends WebRoles {
  /** Addresses and subnets that are believed. */
  readonly from: readonly string[];
  /** In lower case. */
  readonly userHeader: string;
  readonly groupsHeader: string | undefined;
}

/** A provider of OpenID Connect. */
export interface WebOidc extends WebRoles {
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: SecretPlace;
  /** The claim that names people. */
  readonly claim: string;
  readonly scopes: string;
}

export interface WebConfig {
  /** The address that browsers know it by; undefined for the one that it listens on. */
  readonly url: URL | undefined;
  /** Files, as written. */
  readonly tls: { readonly cert: string; readonly key: string } | undefined;
  readonly users: ReadonlyMap<string, WebUser>;
  readonly proxy: WebProxy | undefined;
  readonly oidc: WebOidc | undefined;
  /** Whether everyone may read the metrics without a token. */
  readonly hasOpenMetrics: boolean;
}

const role = z.enum(['view', 'edit'], { error: fieldProblem('is not a role', 'use view or edit') });

const names = z.array(z.string().min(1)).optional();
const VIEWERS = 'Who may look: names, group:NAME, or * for everyone. ';
const EDITORS = 'Who may change things and start scans: names, group:NAME, or *.';

const user = z.strictObject({
  password: z
    .string()
    .refine(isPasswordHash, {
      error: fieldProblem('is not the hash of a password', 'echosweep inventory password makes it'),
    })
    .describe('The hash of the password, as inventory password prints it.'),
  role: role.default('view').describe('view, or edit to change things and start scans.'),
});

const proxy = z.strictObject({
  from: z
    .array(
      z.string().refine(isAddressOrSubnet, {
        error: fieldProblem('is not an address or a subnet', 'write one such as 192.0.2.1'),
      }),
    )
    .min(1)
    .describe('Addresses and subnets of the proxy; requests from elsewhere cannot name a user.'),
  'user-header': z
    .string()
    .regex(/^[A-Za-z0-9-]+$/)
    .default('X-Remote-User')
    .describe('The header that names the user. The proxy has to remove it from what clients send.'),
  'groups-header': z
    .string()
    .regex(/^[A-Za-z0-9-]+$/)
    .optional()
    .describe("The header with the user's groups, separated by commas."),
  viewers: names.describe(`${VIEWERS}Everyone by default.`),
  editors: names.describe(EDITORS),
});

const oidc = z
  .strictObject({
    issuer: z
      .string()
      .refine(isSafeIssuer, {
        error: fieldProblem('is not an https address', 'write one such as https://login.example'),
      })
      .describe('The address of the provider of OpenID Connect.'),
    'client-id': z.string().min(1).describe('The name by which it knows this server.'),
    'client-secret-env': z
      .string()
      .min(1)
      .optional()
      .describe('Environment variable with its secret.'),
    'client-secret-file': z.string().min(1).optional().describe('File with that secret.'),
    claim: z
      .string()
      .min(1)
      .default('email')
      .describe(
        'The claim that names people. An email counts only if the provider has verified it.',
      ),
    scopes: z
      .string()
      .min(1)
      .default('openid email profile')
      .describe('What is requested of the provider.'),
    viewers: names.describe(VIEWERS.trimEnd()),
    editors: names.describe(EDITORS),
  })
  .refine((it) => it['client-secret-env'] === undefined || it['client-secret-file'] === undefined, {
    path: ['client-secret-file'],
    error: fieldProblem('is in two places', 'name the environment variable or the file'),
  })
  .refine((it) => (it.viewers ?? it.editors) !== undefined, {
    error: fieldProblem(
      'lets no person in',
      'list viewers or editors; * is everyone of the provider',
    ),
  });

export const WEB_FIELDS = z
  .strictObject({
    url: z
      .string()
      .refine(
        (text) => isWebAddress(text) && new URL(text).pathname === '/' && !/[?#]/.test(text),
        {
          error: fieldProblem(
            'is not the address of a web server',
            'write one without a path, such as https://inventory.example',
          ),
        },
      )
      .optional()
      .describe('The address that browsers know it by, if that is not the one that it listens on.'),
    tls: z
      .strictObject({
        cert: z.string().min(1).describe('File with the certificate and those above it, in PEM.'),
        key: z.string().min(1).describe('File with its private key, in PEM.'),
      })
      .optional()
      .describe('A certificate of its own; read again on a reload.'),
    users: z
      .record(
        z.string().regex(/^[\w.@-]{1,64}$/, {
          error: fieldProblem('is not a valid user name', 'use letters, digits, . _ @ and -'),
        }),
        user,
      )
      .optional()
      .describe('People who sign in with a password, by name.'),
    proxy: proxy.optional().describe('A proxy that signs people in.'),
    oidc: oidc.optional().describe('A provider of OpenID Connect that signs people in.'),
    'open-metrics': z
      .boolean()
      .default(false)
      .describe('Whether everyone may read /metrics and /sd without a token.'),
  })
  .refine((it) => it.oidc === undefined || it.url !== undefined, {
    path: ['oidc'],
    error: fieldProblem('needs the address that people come back to', 'add url'),
  })
  .describe('The web interface of inventory serve and inventory run --listen.');

const NO_WEB: z.output<typeof WEB_FIELDS> = { 'open-metrics': false };

/** The checked fields as the rest of the program reads them. */
export function webOf(fields = NO_WEB): WebConfig {
  const { url, tls, users, proxy: front, oidc: provider } = fields;
  return {
    url: url === undefined ? undefined : new URL(url),
    tls,
    users: new Map(
      Object.entries(users ?? {}).map(([name, each]) => [
        name,
        { passwordHash: each.password, role: each.role },
      ]),
    ),
    proxy: front && {
      from: front.from,
      userHeader: front['user-header'].toLowerCase(),
      groupsHeader: front['groups-header']?.toLowerCase(),
      viewers: front.viewers ?? ['*'],
      editors: front.editors ?? [],
    },
    oidc: provider && {
      issuer: provider.issuer,
      clientId: provider['client-id'],
      clientSecret: { env: provider['client-secret-env'], file: provider['client-secret-file'] },
      claim: provider.claim,
      scopes: provider.scopes,
      viewers: provider.viewers ?? [],
      editors: provider.editors ?? [],
    },
    hasOpenMetrics: fields['open-metrics'],
  };
}

function isAddressOrSubnet(text: string): boolean {
  const [, address = '', prefix] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const family = isIP(address);
  return family !== 0 && Number(prefix ?? 0) <= (family === 4 ? 32 : 128);
}

/** Without TLS, anyone on the way could sign in as anyone; this machine has no way in between. */
function isSafeIssuer(text: string): boolean {
  if (!isWebAddress(text)) return false;
  const { protocol, hostname } = new URL(text);
  return protocol === 'https:' || hostname === '127.0.0.1' || hostname === '[::1]';
}
