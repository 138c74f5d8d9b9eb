/** Subnets in which a firewall seems to answer TCP connections for all hosts. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { SameAnswers } from '../../../src/coordinator/same-answers.ts';
import { answerNumber, NO_ANSWER, NOT_TRIED } from '../../../src/coordinator/tcp-block.ts';
import { block } from '../probe/probing.ts';

const OPEN = answerNumber('open', 443);
const REFUSED = answerNumber('refused', 443);

function found(first: string, answers: readonly number[]): readonly unknown[] {
  const same = new SameAnswers();
  same.note(block(first, answers.length), Uint32Array.from(answers));
  return same.found;
}

const many = (count: number, answer: number): number[] => new Array<number>(count).fill(answer);

test('nine of ten hosts that answer alike are noticed, and fewer are not', () => {
  const expected = [{ subnet: '192.0.2.0/24', answer: 'open', port: 443 }];
  assert.deepEqual(found('192.0.2.9', [...many(18, OPEN), ...many(2, NO_ANSWER)]), expected);
  assert.deepEqual(found('192.0.2.9', [...many(17, OPEN), ...many(3, NO_ANSWER)]), []);
  assert.deepEqual(found('192.0.2.9', [...many(10, OPEN), ...many(10, REFUSED)]), []);
});

test('hosts that were not tried do not count, and seven hosts may well be alike', () => {
  assert.deepEqual(found('192.0.2.9', [...many(8, REFUSED), ...many(80, NOT_TRIED)]), [
    { subnet: '192.0.2.0/24', answer: 'refused', port: 443 },
  ]);
  assert.equal(found('192.0.2.9', many(7, REFUSED)).length, 0);
});

test('each subnet is held against itself', () => {
  const answers = [...many(256, NO_ANSWER), ...many(256, REFUSED), ...many(256, OPEN)];
  assert.deepEqual(found('198.51.100.0', answers), [
    { subnet: '198.51.101.0/24', answer: 'refused', port: 443 },
    { subnet: '198.51.102.0/24', answer: 'open', port: 443 },
  ]);
  assert.deepEqual(found('2001:db8::100', many(16, OPEN)), [
    { subnet: '2001:db8::100/120', answer: 'open', port: 443 },
  ]);
});
