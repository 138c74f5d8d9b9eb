/** Reads the body of a request: JSON, and no more of it than a request may have. */

import { ApiError, requestInvalid } from './api-error.ts';

const MOST_OCTETS = 64 * 1024;

/** @throws ApiError if it is not JSON, or too large */
export async function readJsonBody({ headers, body }: Request): Promise<unknown> {
  // A form of another site cannot have this type without a preflight: Fetch Standard, CORS-safelisted request-header.
  if (!/^application\/json *(;|$)/i.test(headers.get('content-type') ?? '')) {
    throw requestInvalid('the body is not JSON', 'send it with content-type application/json');
  }
  if (Number(headers.get('content-length') ?? 0) > MOST_OCTETS) throw tooLarge();
  const octets = await octetsOf(body);
  try {
    return JSON.parse(octets.toString('utf8'));
  } catch {
    throw requestInvalid('the body is not JSON', 'check its syntax');
  }
}

async function octetsOf(body: Request['body']): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let octets = 0;
  try {
    for await (const chunk of body ?? []) {
      octets += chunk.length;
      if (octets > MOST_OCTETS) throw tooLarge();
      chunks.push(chunk);
    }
  } catch (error) {
    if (error instanceof ApiError) throw error;
    // The client has gone, or is too slow: the server has no fault to report.
    throw requestInvalid('the body has no end', 'send all of it');
  }
  return Buffer.concat(chunks);
}

function tooLarge(): ApiError {
  return new ApiError(413, 'TOO_LARGE', 'the body is too large', 'send less at once');
}
