/** The one error class and its stable codes. */

/** Stable codes: programs may compare them, and they never change meaning. */
export type ErrorCode =
  /** A target or exclusion cannot be read, or makes the sweep larger than allowed. */
  | 'TARGET_INVALID'
  /** An option has a wrong value, or options contradict each other. */
  | 'OPTION_INVALID'
  /** No engine works here, or the one that was chosen does not. */
  | 'NO_ENGINE'
  /** A report that is to be read is not one, or cannot be read. */
  | 'REPORT_INVALID'
  /** A configuration file cannot be read or is wrong. */
  | 'CONFIG_INVALID'
  /** The inventory's file cannot be used. */
  | 'INVENTORY_FAILED'
  /** The network is being scanned by another process. */
  | 'INVENTORY_BUSY'
  /** The broker between hub and agents cannot be used, or refuses our key. */
  | 'BROKER_REFUSED'
  /** The hub's server or certificates cannot be made to work. */
  | 'HUB_FAILED'
  /** NetBox cannot be reached, or does not answer as it should. */
  | 'NETBOX_FAILED'
  /** A report cannot be written to its place, or the disk is full. */
  | 'OUTPUT_FAILED'
  /** A socket call failed in a way that ends the sweep. */
  | 'SOCKET_FAILED'
  /** Workers kept dying on the same block. */
  | 'WORKER_FAILED'
  /** Results were read after the sweep had run without a reader. */
  | 'RESULTS_NOT_KEPT';

/** What goes wrong with a sweep as a whole; the failure of a single host is data, never an error. */
export class EchosweepError extends Error {
  override readonly name = 'EchosweepError';
  /** Stable, for programs. */
  readonly code: ErrorCode;
  /** What is wrong. */
  readonly problem: string;
  /** What to do about it. */
  readonly advice: string;

  /**
   * The message is one line, problem and advice.
   * @param code stable, for programs
   * @param problem what is wrong, without a full stop
   * @param advice what to do about it, in the imperative, without a full stop
   * @param options `cause`: the underlying error, if there is one
   */
  constructor(code: ErrorCode, problem: string, advice: string, options?: { cause?: unknown }) {
    super(`${problem}: ${advice}`, options);
    this.code = code;
    this.problem = problem;
    this.advice = advice;
  }
}

/** What an error says, whatever was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
