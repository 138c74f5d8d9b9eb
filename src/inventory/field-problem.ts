/** What is wrong with a field of the configuration and what to do about it, as the schema's messages carry both. */

/** Both go on from the field's name: `is not a cron expression`, `write one such as …`. */
export interface FieldProblem {
  readonly problem: string;
  readonly advice: string;
}

/** A schema's message is one text; neither half contains a line break. */
const SEPARATOR = '\n';

/** A message for the schema. */
export function fieldProblem(problem: string, advice: string): string {
  return `${problem}${SEPARATOR}${advice}`;
}

/** Reads a message of the schema back; undefined if `fieldProblem` did not make it. */
export function readFieldProblem(message: string): FieldProblem | undefined {
  const [problem, advice] = message.split(SEPARATOR);
  return advice === undefined ? undefined : { problem: problem!, advice };
}
