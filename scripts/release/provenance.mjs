/** The provenance of a release: what it was made from, and by what (in-toto statement with SLSA's predicate, slsa.dev/spec/v1.0/provenance). Unsigned. */

import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { ROOT } from '../ensure.mjs';
import { packagesIn } from './npm-package.mjs';

/**
 * @param {{ subjects: readonly { name: string, sha256: string }[], systems: readonly string[], fetched: readonly import('./npm-package.mjs').Package[], startedOn: Date, finishedOn: Date }} release
 *   fetched: packages besides those of package-lock.json
 * @returns {string} JSON
 */
export function provenance({ subjects, systems, fetched, startedOn, finishedOn }) {
  const packages = [...packagesIn(join(ROOT, 'package-lock.json')), ...fetched].map(descriptor);
  // npm may install a version in several places.
  const materials = new Map(packages.map((each) => [each.uri, each]));
  const statement = {
    _type: 'https://in-toto.io/Statement/v1',
    subject: subjects.map(({ name, sha256 }) => ({ name, digest: { sha256 } })),
    predicateType: 'https://slsa.dev/provenance/v1',
    predicate: {
      buildDefinition: {
        buildType: 'urn:echosweep:npm-run-release:v1',
        externalParameters: { systems },
        internalParameters: { hasUncommittedChanges: git('status', '--porcelain') !== '' },
        resolvedDependencies: [
          { name: 'source', digest: { gitCommit: git('rev-parse', 'HEAD') } },
          ...materials.values(),
        ],
      },
      runDetails: {
        // A signature vouches for this; the script itself cannot know more.
        builder: {
          id: 'urn:echosweep:own-computer',
          version: { node: process.versions.node, platform: `${process.platform}-${process.arch}` },
        },
        metadata: {
          startedOn: startedOn.toISOString(),
          finishedOn: finishedOn.toISOString(),
        },
      },
    },
  };
  return `${JSON.stringify(statement, null, 2)}\n`;
}

/** By package URL, whose `@` of a scope is encoded, with the digest in hexadecimal. */
function descriptor({ name, version, integrity }) {
  const [algorithm, base64] = integrity.split('-');
  return {
    uri: `pkg:npm/${name.replace('@', '%40')}@${version}`,
    digest: { [algorithm]: Buffer.from(base64, 'base64').toString('hex') },
  };
}

function git(...args) {
  return execFileSync('git', args, { cwd: ROOT, encoding: 'utf8' }).trim();
}
