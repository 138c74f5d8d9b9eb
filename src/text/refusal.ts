/** How a reader of files refuses one: each room has its own error code, and the readers here have none. */

/**
 * Makes the error of a file or of one of its lines.
 * @param line from 1; undefined for the file as a whole
 * @param problem what is wrong @param advice what to do
 */
export type Refusal = (line: number | undefined, problem: string, advice: string) => Error;
