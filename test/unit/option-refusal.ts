/** An option of the table, and the line in which a wrong value is refused. */

import assert from 'node:assert/strict';
import { COMMAND_OPTIONS } from '../../src/cli/command-options.ts';
import { EchosweepError } from '../../src/errors.ts';

/** An option by its key in the table. */
export const optionOf = (key: string) => COMMAND_OPTIONS.find((option) => option.key === key)!;

/** The message of what is thrown: one line. */
export function refusal(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    assert.ok(error instanceof EchosweepError, String(error));
    assert.equal(error.code, 'OPTION_INVALID');
    assert.doesNotMatch(error.message, /\n/, 'one line');
    return error.message;
  }
  return assert.fail('it was taken');
}
