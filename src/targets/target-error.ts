/** The errors of targets: where the target is, what is wrong with it, and what would be right. */

import { EchosweepError } from '../errors.ts';

/** A target as it was written, and where. */
export interface TargetSpec {
  readonly text: string;
  /** For messages, such as `hosts.txt, line 12`. */
  readonly where: string;
}

const LONGEST_QUOTE = 80;

/** @param problem what is wrong with the target, after its text @param advice what to do */
export function targetInvalid(spec: TargetSpec, problem: string, advice: string): EchosweepError {
  return targetsRefused(`${spec.where}: ${quoted(spec.text)} ${problem}`, advice);
}

/** For what is wrong with more than one target. */
export function targetsRefused(problem: string, advice: string, cause?: unknown): EchosweepError {
  return new EchosweepError('TARGET_INVALID', problem, advice, { cause });
}

/** The text for a message: control characters escaped, cut if it is long. */
export function quoted(text: string): string {
  const short = text.length > LONGEST_QUOTE ? `${text.slice(0, LONGEST_QUOTE)}…` : text;
  // JSON leaves DEL, C1 controls and the marks of right-to-left writing as they are.
  return JSON.stringify(short).replaceAll(
    /[\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
