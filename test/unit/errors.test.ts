/** Errors for people: what is wrong and what to do, together in one line and apart for programs. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { EchosweepError } from '../../src/errors.ts';
import { errorCode, readFault, writeFault } from '../../src/file-errors.ts';

const systemError = (code: string): Error => Object.assign(new Error(`${code}: no`), { code });

describe('an error', () => {
  test('has problem and advice, whatever colons they hold', () => {
    const error = new EchosweepError('OPTION_INVALID', '--tos: "a: b" is not valid', 'use 0: now');
    assert.equal(error.problem, '--tos: "a: b" is not valid');
    assert.equal(error.advice, 'use 0: now');
    assert.equal(error.message, '--tos: "a: b" is not valid: use 0: now');
  });

  test('keeps the error under it', () => {
    const cause = systemError('EIO');
    assert.equal(new EchosweepError('OUTPUT_FAILED', 'x', 'y', { cause }).cause, cause);
  });
});

describe('a file that fails', () => {
  test('while it is read gets other advice than while it is written', () => {
    const missing = systemError('ENOENT');
    assert.equal(readFault(missing).advice, 'correct its name');
    assert.equal(writeFault(missing).advice, 'create it first');
  });

  test('in a way that nobody foresaw still gets advice', () => {
    const strange = systemError('ESTRANGE');
    assert.deepEqual(readFault(strange), { problem: 'ESTRANGE: no', advice: 'give another file' });
    assert.deepEqual(writeFault('gone'), { problem: 'gone', advice: 'choose another place' });
  });

  test('is told apart by its code', () => {
    assert.equal(errorCode(systemError('EPIPE')), 'EPIPE');
    assert.equal(errorCode(new Error('no code')), '');
    assert.equal(errorCode('text'), '');
  });
});
