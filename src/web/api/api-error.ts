/** What a request of the API fails with: a status, and an error as commands print it. */

import { EchosweepError } from '../../errors.ts';

/** The statuses that the API answers with besides success; RFC 9110 section 15. */
export type FailureStatus = 400 | 401 | 403 | 404 | 405 | 409 | 413 | 429 | 500 | 503;

/** A failure that its client reads. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: FailureStatus;
  /** Stable, for programs. */
  readonly code: string;
  readonly advice: string;

  /**
   * @param advice what to do about it, in the imperative, without a full stop
   * @param options `cause`: what its client should not read
   */
  constructor(
    status: FailureStatus,
    code: string,
    message: string,
    advice: string,
    options?: { cause?: unknown },
  ) {
    super(message, options);
    this.status = status;
    this.code = code;
    this.advice = advice;
  }
}

/** @param what such as `a network "x"` */
export function notFound(what: string, advice: string): ApiError {
  return new ApiError(404, 'NOT_FOUND', `there is no ${what}`, advice);
}

/** A request that its schema refuses, or that contradicts itself. */
export function requestInvalid(message: string, advice: string): ApiError {
  return new ApiError(400, 'REQUEST_INVALID', message, advice);
}

/** Any failure as one that a client may read: what is unexpected names no details. */
export function asApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (!(error instanceof EchosweepError)) {
    return new ApiError(500, 'INTERNAL', 'the server failed', 'look at its messages');
  }
  return new ApiError(statusOf(error), error.code, error.problem, error.advice);
}

function statusOf({ code }: EchosweepError): FailureStatus {
  switch (code) {
    case 'OPTION_INVALID':
    case 'TARGET_INVALID':
      return 400;
    case 'INVENTORY_BUSY':
      return 409;
    default:
      return 503;
  }
}
