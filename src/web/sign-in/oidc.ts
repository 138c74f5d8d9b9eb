/** Sign-in by OpenID Connect: the code flow with PKCE, by openid-client, which is loaded only if it is configured. */

import type { Configuration } from 'openid-client';
import { MS_A_MINUTE } from '../../durations.ts';
import { messageOf } from '../../errors.ts';
import type { WebOidc } from '../../inventory/config/web-config.ts';
import { readSecret, type SecretSources } from '../../inventory/notify/secret.ts';
import { ApiError } from '../api/api-error.ts';
import type { Person } from './person.ts';
import { roleOf } from './roles.ts';
import { Seal } from './seal.ts';

/** Below the address that browsers know the server by. */
export const OIDC_PATH = 'sign-in/oidc';
export const OIDC_CALLBACK_PATH = 'sign-in/oidc/callback';

const ATTEMPT_MS = 10 * MS_A_MINUTE;
const MOST_USED = 10_000;
const PROVIDER_TIMEOUT_S = 10;

/** A sign-in that has been sent to the provider. Its browser keeps it, so strangers cannot fill a list of them. */
interface Attempt {
  readonly verifier: string;
  readonly state: string;
  readonly nonce: string;
  readonly endsAtMs: number;
}

export class OidcSignIn {
  private readonly seal = new Seal();
  /**
   * States that came back; the oldest first. A stranger's attempts can push one out, but the provider does not take its
   * code again either: RFC 6749 section 4.1.2.
   */
  private readonly used = new Set<string>();
  /** What the provider said of itself, and for which configuration. */
  private provider: { readonly of: string; readonly found: Promise<Configuration> } | undefined;
  private readonly secrets: SecretSources;

  constructor(secrets: SecretSources) {
    this.secrets = secrets;
  }

  /** @returns the address to send the browser to, and the sealed attempt that it needs when it comes back */
  async begin(oidc: WebOidc, ownUrl: URL): Promise<{ readonly url: URL; readonly sealed: string }> {
    const client = await import('openid-client');
    const provider = await this.providerOf(oidc);
    const attempt: Attempt = {
      verifier: client.randomPKCECodeVerifier(),
      state: client.randomState(),
      nonce: client.randomNonce(),
      endsAtMs: Date.now() + ATTEMPT_MS,
    };
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: new URL(OIDC_CALLBACK_PATH, ownUrl).href,
      scope: oidc.scopes,
      code_challenge: await client.calculatePKCECodeChallenge(attempt.verifier),
      code_challenge_method: 'S256',
      state: attempt.state,
      nonce: attempt.nonce,
    });
    return { url, sealed: this.seal.close(JSON.stringify(attempt)) };
  }

  /**
   * @param answer the query that the provider sent the browser back with
   * @param sealed of `begin`; it works once
   * @throws ApiError for a sign-in that is over, forged, refused, or of a person that the configuration does not let in
   */
  async finish(oidc: WebOidc, ownUrl: URL, answer: string, sealed: string): Promise<Person> {
    const attempt = this.redeem(sealed);
    if (attempt === undefined) {
      throw refused('the sign-in took too long, or was not begun in this browser');
    }
    const client = await import('openid-client');
    const url = new URL(OIDC_CALLBACK_PATH, ownUrl);
    url.search = answer;
    const provider = await this.providerOf(oidc);
    let claims: Readonly<Record<string, unknown>> | undefined;
    try {
      const tokens = await client.authorizationCodeGrant(provider, url, {
        pkceCodeVerifier: attempt.verifier,
        expectedState: attempt.state,
        expectedNonce: attempt.nonce,
        idTokenExpected: true,
      });
      claims = tokens.claims();
    } catch (error) {
      throw refused('the provider did not sign the person in', error);
    }
    const person = personOf(claims ?? {}, oidc);
    if (person === undefined) throw refused('the configuration does not let this person in');
    return person;
  }

  /** @returns undefined for an attempt that is forged, too old, or was used already */
  private redeem(sealed: string): Attempt | undefined {
    const text = this.seal.open(sealed);
    if (text === undefined) return undefined;
    const attempt = JSON.parse(text) as Attempt;
    if (Date.now() > attempt.endsAtMs || this.used.has(attempt.state)) return undefined;
    this.used.add(attempt.state);
    if (this.used.size > MOST_USED) {
      const [oldest] = this.used;
      this.used.delete(oldest!);
    }
    return attempt;
  }

  private providerOf(oidc: WebOidc): Promise<Configuration> {
    const of = JSON.stringify([oidc.issuer, oidc.clientId, oidc.clientSecret]);
    if (this.provider?.of !== of) this.provider = { of, found: this.discover(oidc) };
    const { found } = this.provider;
    return found.catch((error: unknown) => {
      // The provider may be back the next time.
      this.provider = undefined;
      throw away(messageOf(error));
    });
  }

  private async discover({ issuer, clientId, clientSecret }: WebOidc): Promise<Configuration> {
    const client = await import('openid-client');
    const url = new URL(issuer);
    const secret = await readSecret(clientSecret, this.secrets);
    return client.discovery(
      url,
      clientId,
      undefined,
      secret === undefined ? client.None() : client.ClientSecretBasic(secret),
      {
        timeout: PROVIDER_TIMEOUT_S,
        // The configuration allows plain HTTP on this machine alone.
        execute: [
          client.enableNonRepudiationChecks,
          ...(url.protocol === 'http:' ? [client.allowInsecureRequests] : []),
        ],
      },
    );
  }
}

/** @returns undefined for a person without a name, or in no list */
function personOf(claims: Readonly<Record<string, unknown>>, oidc: WebOidc): Person | undefined {
  const user = claims[oidc.claim];
  if (typeof user !== 'string' || user === '') return undefined;
  // Anyone can give any address that no provider has verified.
  if (oidc.claim === 'email' && claims['email_verified'] !== true) return undefined;
  const { groups } = claims;
  const named = Array.isArray(groups) ? groups.filter((group) => typeof group === 'string') : [];
  const role = roleOf(user, named, oidc);
  return role && { user, role, way: 'oidc' };
}

/** Anyone may begin a sign-in, and the reason may name a file of this machine. */
function away(reason: string): ApiError {
  const message = 'the provider of OpenID Connect cannot be used';
  return new ApiError(503, 'PROVIDER_AWAY', message, 'try again later, or check web.oidc', {
    cause: new Error(`${message} (${reason})`),
  });
}

function refused(message: string, cause?: unknown): ApiError {
  return new ApiError(401, 'SIGN_IN_REFUSED', message, 'begin again at /', { cause });
}
