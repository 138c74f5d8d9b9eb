/** Why a connection to the broker failed, in words that say what to do. */

/** For messages about a key. */
export interface KeyOwner {
  /** Whose key it is, such as `berlin/a1`. */
  readonly whose: string;
  /** What to do if it is refused. */
  readonly keyAdvice: string;
}

/** @param url that was tried */
export function whyNotConnected(
  error: unknown,
  url: string,
  { whose, keyAdvice }: KeyOwner,
): string {
  if (isKeyRefused(error)) return `the hub at ${url} refuses the key of ${whose}: ${keyAdvice}`;
  if (isTooSlow(error)) {
    return `${url} cannot be reached: this machine proved its key too late; it may be overloaded`;
  }
  const code = codeOf(error);
  const certificate = CERTIFICATE_WORDS[code];
  if (certificate !== undefined) return `the certificate of ${url} ${certificate}`;
  const network = NETWORK_WORDS[code];
  if (network !== undefined) return `${url} cannot be reached: ${network}`;
  return `${url} cannot be reached: ${lastMessageOf(error)}`;
}

/** Why a connection that was there is gone. @param error that ended it; one without a message if there is none */
export function whyLost(error: unknown, url: string, owner: KeyOwner): string {
  return isKeyRefused(error)
    ? whyNotConnected(error, url, owner)
    : `the connection to ${url} was lost`;
}

/**
 * Whether the server knows our key no more, or never knew it. A slow handshake may look the same: once proves nothing. That
 * the server did not wait for our signature, which the client takes for the same kind of error, says nothing about the key.
 */
export function isKeyRefused(error: unknown): boolean {
  return causes(error).some(({ message }) => /authorization violation/i.test(message));
}

function isTooSlow(error: unknown): boolean {
  return causes(error).some(({ message }) => /authentication timeout/i.test(message));
}

const JOIN_AGAIN = 'make a new join file with echosweep hub add';

/** By the codes of OpenSSL and Node (tls, X.509 certificate error codes). */
const CERTIFICATE_WORDS: Readonly<Record<string, string>> = {
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: `is not signed by the authority in the join file: the hub was set up again, or this is another server; ${JOIN_AGAIN}`,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: `is not signed by the authority in the join file: the hub was set up again, or this is another server; ${JOIN_AGAIN}`,
  SELF_SIGNED_CERT_IN_CHAIN: `is not signed by the authority in the join file: the hub was set up again, or this is another server; ${JOIN_AGAIN}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: `is not signed by the authority in the join file: the hub was set up again, or this is another server; ${JOIN_AGAIN}`,
  CERT_SIGNATURE_FAILURE: `is not signed by the authority in the join file: the hub was set up again, or this is another server; ${JOIN_AGAIN}`,
  CERT_HAS_EXPIRED:
    'or its authority has expired: see echosweep hub doctor at the hub, and check the clock of this machine',
  CERT_NOT_YET_VALID: 'is not valid yet: check the clocks of this machine and of the hub',
  ERR_TLS_CERT_ALTNAME_INVALID:
    'is for other names: set the hub up with the name or address by which its agents reach it',
};

const NETWORK_WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'nothing listens there; check that the hub runs, and its port',
  ENOTFOUND: 'its name is not known; check the name and DNS',
  EAI_AGAIN: 'its name cannot be looked up now; check DNS',
  EHOSTUNREACH: 'no route leads there, or the host is down',
  ENETUNREACH: 'this machine has no route there',
  ETIMEDOUT: 'it does not answer; check firewalls on the way',
  TIMEOUT: 'it does not answer; check firewalls on the way',
  ECONNRESET: 'the other side closed the connection; check that a hub listens at this port',
  EPIPE: 'the other side closed the connection',
};

function codeOf(error: unknown): string {
  for (const cause of causes(error)) {
    if (cause.name === 'TimeoutError') return 'TIMEOUT';
    if ('code' in cause && typeof cause.code === 'string') return cause.code;
  }
  return '';
}

function lastMessageOf(error: unknown): string {
  return causes(error).at(-1)?.message ?? '';
}

/** An error and what it was caused by. */
function causes(error: unknown): Error[] {
  const found: Error[] = [];
  for (let each = error; each instanceof Error && found.length < 8; each = each.cause) {
    found.push(each);
  }
  return found;
}
