/** The provenance of a release is a statement that verifiers accept: in-toto's layout with SLSA's predicate, version 1. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { scriptUrl } from '../root.ts';

interface Release {
  readonly subjects: readonly { readonly name: string; readonly sha256: string }[];
  readonly systems: readonly string[];
  readonly fetched: readonly {
    readonly name: string;
    readonly version: string;
    readonly integrity: string;
  }[];
  readonly startedOn: Date;
  readonly finishedOn: Date;
}

// Plain JavaScript, which the compiler of the tests does not see.
const { provenance } = (await import(scriptUrl('scripts/release/provenance.mjs'))) as {
  readonly provenance: (release: Release) => string;
};

const DIGEST_SET = z.record(z.string(), z.string().regex(/^(?:[0-9a-f]{2})+$/));
/** A ResourceDescriptor must have at least one of these. */
const DESCRIPTOR = z
  .strictObject({
    name: z.string().optional(),
    uri: z
      .string()
      .regex(/^pkg:npm\//)
      .optional(),
    digest: DIGEST_SET,
  })
  .refine(({ name, uri }) => name !== undefined || uri !== undefined);
const STATEMENT = z.strictObject({
  _type: z.literal('https://in-toto.io/Statement/v1'),
  subject: z.array(z.strictObject({ name: z.string(), digest: DIGEST_SET })).min(1),
  predicateType: z.literal('https://slsa.dev/provenance/v1'),
  predicate: z.strictObject({
    buildDefinition: z.strictObject({
      buildType: z.string().regex(/^\w+:/),
      externalParameters: z.strictObject({ systems: z.array(z.string()) }),
      internalParameters: z.strictObject({ hasUncommittedChanges: z.boolean() }),
      resolvedDependencies: z.array(DESCRIPTOR),
    }),
    runDetails: z.strictObject({
      builder: z.strictObject({
        id: z.string().regex(/^\w+:/),
        version: z.record(z.string(), z.string()),
      }),
      metadata: z.strictObject({ startedOn: z.iso.datetime(), finishedOn: z.iso.datetime() }),
    }),
  }),
});

const statement = STATEMENT.parse(
  JSON.parse(
    provenance({
      subjects: [{ name: 'echosweep.tgz', sha256: 'ab'.repeat(32) }],
      systems: ['linux-x64'],
      fetched: [{ name: '@scope/part', version: '1.2.3', integrity: 'sha512-AAEC' }],
      startedOn: new Date(0),
      finishedOn: new Date(1000),
    }),
  ),
);
const { resolvedDependencies } = statement.predicate.buildDefinition;

test('the statement names each artefact with its checksum, and the commit it was made from', () => {
  assert.deepEqual(statement.subject, [
    { name: 'echosweep.tgz', digest: { sha256: 'ab'.repeat(32) } },
  ]);
  assert.match(resolvedDependencies[0]!.digest['gitCommit']!, /^[0-9a-f]{40}$/);
});

test('materials are packages with their digests, each once', () => {
  const packages = resolvedDependencies.slice(1);
  const uris = packages.map(({ uri }) => uri);
  assert.equal(new Set(uris).size, uris.length);
  assert.ok(uris.some((uri) => uri!.startsWith('pkg:npm/koffi@')));
  assert.deepEqual(packages.at(-1), {
    uri: 'pkg:npm/%40scope/part@1.2.3',
    digest: { sha512: '000102' },
  });
});
