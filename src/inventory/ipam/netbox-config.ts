/** The NetBox that an inventory is synchronised with: every field that a configuration may give it, once. */

import { z } from 'zod';
import { fieldProblem } from '../field-problem.ts';
import { isWebAddress } from '../notify/receiver-fields.ts';
import type { SecretPlace } from '../notify/secret.ts';

export interface NetBoxConfig {
  /** Without `/api`. */
  readonly url: string;
  readonly token: SecretPlace;
  /** Slug of the tag that marks our own objects. */
  readonly tag: string;
  /** Name of the VRF of our addresses; undefined for the global table. */
  readonly vrf: string | undefined;
  readonly timeoutMs: number;
}

const ONE_TOKEN = fieldProblem(
  'needs the place of its token',
  'give token-env, the name of an environment variable, or token-file',
);

export const NETBOX_FIELDS = z
  .strictObject({
    url: z
      .string()
      .refine((text) => isWebAddress(text) && !/[?#]/.test(text), {
        error: fieldProblem('is not a web address', 'write one such as https://netbox.example'),
      })
      .describe('The address of NetBox.'),
    'token-env': z.string().min(1).optional().describe('Environment variable with its API token.'),
    'token-file': z.string().min(1).optional().describe('File with that token.'),
    tag: z
      .string()
      .regex(/^[\w-]{1,100}$/, {
        error: fieldProblem('is not the slug of a tag', 'use letters, digits, - and _'),
      })
      .default('echosweep')
      .describe('Slug of the tag that marks the addresses that echosweep may change.'),
    vrf: z
      .string()
      .min(1)
      .optional()
      .describe('Name of the VRF of the addresses; the global table by default.'),
    timeout: z
      .number()
      .min(1)
      .max(600)
      .default(60)
      .describe('Seconds to wait for each answer. NetBox takes a while for long lists.'),
  })
  .refine((it) => (it['token-env'] === undefined) !== (it['token-file'] === undefined), {
    error: ONE_TOKEN,
  })
  .describe('The NetBox that inventory sync compares with and updates.');

/** The checked fields as the rest of the program reads them. */
export function netboxOf(fields: z.output<typeof NETBOX_FIELDS>): NetBoxConfig {
  return {
    url: fields.url,
    token: { env: fields['token-env'], file: fields['token-file'] },
    tag: fields.tag,
    vrf: fields.vrf,
    timeoutMs: fields.timeout * 1000,
  };
}
