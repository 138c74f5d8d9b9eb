/** Agents that lie, that have the wrong key, and messages of a later version: nothing is believed that is not right. */

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe } from 'node:test';
import { decodeChunk, type ReceivedChunk } from '../../src/sites/contract/chunk.ts';
import { encodeAnswer } from '../../src/sites/contract/chunk-result.ts';
import { encodeJson } from '../../src/sites/contract/message.ts';
import { readJoinFile } from '../../src/sites/join-file.ts';
import { NatsAgent } from '../../src/sites/nats/nats-agent.ts';
import { honestFindings, withoutLast } from '../unit/sites/scripted-hub.ts';
import { labTestUnless } from './lab-test.ts';
import { TRIED_SERVERS } from './nats-servers.ts';
import { SiteFailures } from './site-failures.ts';

const MISSING = TRIED_SERVERS[0]!.missing;
const DEADLINE_MS = 170_000;

const siteTest = (promise: string, body: () => Promise<void>): void =>
  labTestUnless(MISSING, promise, body, DEADLINE_MS);

/** Answers to a chunk that no honest agent gives. */
const LIES: readonly ((chunk: ReceivedChunk) => Uint8Array)[] = [
  () => Buffer.from('rubbish'),
  (chunk) => encodeAnswer({ ...chunk, chunk: chunk.chunk + 1 }, 1, honest(chunk)),
  (chunk) => encodeAnswer({ ...chunk, site: 'berlin' }, 1, honest(chunk)),
  (chunk) => encodeAnswer(chunk, 1, { findings: fewer(chunk), refusal: null }),
  (chunk) => encodeAnswer(chunk, 1, { findings: withResponder(chunk, '=cmd|calc'), refusal: null }),
  (chunk) => encodeAnswer(chunk, 1, { findings: withStatus(chunk, 250), refusal: null }),
];

function honest(chunk: ReceivedChunk): Parameters<typeof encodeAnswer>[2] {
  return { findings: honestFindings('paris', chunk.targets), refusal: null };
}

function fewer(chunk: ReceivedChunk): ReturnType<typeof honestFindings> {
  return withoutLast(honestFindings('paris', chunk.targets), 3);
}

function withResponder(chunk: ReceivedChunk, text: string): ReturnType<typeof honestFindings> {
  const findings = honestFindings('paris', chunk.targets);
  return { ...findings, results: { ...findings.results, responders: [text] } };
}

function withStatus(chunk: ReceivedChunk, status: number): ReturnType<typeof honestFindings> {
  const findings = honestFindings('paris', chunk.targets);
  findings.results.status[0] = status;
  return findings;
}

describe('an answer is believed only if it is right:', () => {
  let failures: SiteFailures;

  before(async () => {
    if (MISSING !== undefined || process.env['LAB_SKIP'] !== undefined) return;
    failures = await SiteFailures.open();
    await failures.lab.startAgent('berlin', 'a1');
  });
  after(async () => failures?.close());

  siteTest('lies of an agent are refused, and an honest one does its chunks', async () => {
    const { lab } = failures;
    const file = readJoinFile(await lab.add('paris', 'liar'));
    const liar = new NatsAgent(file, file);
    const sweep = await failures.sweep();
    for (const [i, lie] of LIES.entries()) {
      const taken = await liar.take(AbortSignal.timeout(DEADLINE_MS));
      assert.ok(taken !== undefined);
      const chunk = decodeChunk(taken.octets);
      await liar.send(chunk, lie(chunk), `lie-${i}`);
      await taken.done();
    }
    await liar.close();
    await lab.startAgent('paris', 'p1');
    const { stderr } = await failures.assertWhole(sweep);
    assert.match(stderr, /a message of paris\/liar is refused: the head of the result/);
    assert.match(stderr, /a message of paris\/liar is refused: .*another chunk/);
  });

  siteTest('an agent with the key of another site ends and says why', async () => {
    const { lab } = failures;
    const own = readFileSync(join(lab.folder, 'berlin-a1.join'), 'utf8');
    const path = join(lab.folder, 'wrong-site.join');
    writeFileSync(
      path,
      JSON.stringify({ ...(JSON.parse(own) as object), site: 'paris', agent: 'p9' }),
      {
        mode: 0o600,
      },
    );
    const { code, stderr } = await lab.startWith(path, 'berlin').finished;
    assert.equal(code, 4, stderr);
    assert.match(stderr, /takes the key for that of another agent than paris\/p9: make a new join/);
  });

  siteTest('a chunk of a later version is left to others, and the agent says so', async () => {
    const { watch } = failures;
    const name = { site: 'berlin', scan: 'later', chunk: 0 };
    await watch.hub.broker.offer(name, encodeJson({ v: 2, ...name }));
    await watch.until('the agent says so', () =>
      /newer|update|version/.test(watch.problemOf('berlin', 'a1') ?? ''),
    );
    await watch.hub.broker.cancel('later', ['berlin']);
    // It works on.
    await failures.assertWhole(await failures.sweep());
  });
});
