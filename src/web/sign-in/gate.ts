/** Who a request comes from: by session, token or proxy; and the ways to begin a session. */

import type { HttpBindings } from '@hono/node-server';
import type { Context } from 'hono';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import { noteTokenUse, tokenByDigest } from '../../inventory/api-tokens.ts';
import { noteAction } from '../../inventory/audit-log.ts';
import type { WebConfig } from '../../inventory/config/web-config.ts';
import type { Store } from '../../inventory/store.ts';
import type { Inventory } from '../../service/inventory.ts';
import { ApiError } from '../api/api-error.ts';
import { isPublicHost } from '../request-place.ts';
import { AttemptLimit, clientKey } from './attempt-limit.ts';
import { OneTimeLinks } from './one-time-links.ts';
import { PasswordCheck } from './password-check.ts';
import type { Person, SignInWay } from './person.ts';
import { digestOf } from './secret-token.ts';
import { Sessions } from './sessions.ts';
import { clientOf, personByProxy, plainAddress } from './trusted-proxy.ts';
import type { Credentials, Visit } from './visit.ts';

/**
 * Failures before the first wait. A user has more of them than a client: everyone who knows a name could keep its owner
 * out otherwise.
 */
const FREE_FAILURES = { client: 5, user: 20 } as const;

/** The context of a request to the web server. */
export type WebContext = Context<{ Bindings: HttpBindings }>;

/** A person with a session. */
interface SignedIn extends Person {
  /** The hash of the password that was given: with another one, the session is over. */
  readonly passwordHash?: string;
}

/** What the gate has to know of its server. */
export interface GateParts {
  readonly inventory: Inventory;
  /** Whether only this machine can connect. */
  readonly isLoopback: boolean;
  readonly port: number;
  readonly hasTls: boolean;
  /** Called with a line for each refused sign-in. */
  readonly onRefusal: (line: string) => void;
}

export class Gate {
  readonly links = new OneTimeLinks();
  private readonly sessions = new Sessions<SignedIn>();
  private readonly byClient = new AttemptLimit(FREE_FAILURES.client);
  private readonly byUser = new AttemptLimit(FREE_FAILURES.user);
  private readonly passwords = new PasswordCheck();
  private readonly parts: GateParts;

  constructor(parts: GateParts) {
    this.parts = parts;
  }

  /** The sign-in behind a request; cookies that it sets go into the answer. */
  visitOf(context: WebContext): Visit {
    const headerOf = (name: string): string | undefined => context.req.header(name);
    const peer = plainAddress(context.env.incoming.socket.remoteAddress);
    const client = clientOf(peer, this.web.proxy, headerOf);
    const bearer = /^Bearer +(\S+)$/i.exec(headerOf('authorization') ?? '')?.[1];
    let cookie = getCookie(context, this.cookieName(context));
    const personNow = (): Person | undefined => {
      // A request with a token is what its token says, whatever the browser adds.
      if (bearer !== undefined) return this.personByToken(bearer);
      return this.personBySession(cookie) ?? personByProxy(peer, this.web.proxy, headerOf);
    };
    let person = personNow();
    return {
      get person() {
        return person;
      },
      client,
      ways: this.ways,
      signIn: async (credentials) => {
        const signedIn = await this.admit(credentials, client);
        if (cookie !== undefined) this.sessions.end(cookie);
        cookie = this.beginSession(context, signedIn);
        person = signedIn;
        noteSignIn(this.parts.inventory.store, signedIn, client);
        return signedIn;
      },
      signOut: () => {
        if (cookie !== undefined) this.sessions.end(cookie);
        deleteCookie(context, this.cookieName(context), this.cookieOptions(context));
        person = undefined;
      },
      stillSignedIn: personNow,
    };
  }

  /** Begins a session for a person that another system signed in. */
  enter(context: WebContext, person: Person): void {
    this.beginSession(context, person);
    const { store } = this.parts.inventory;
    const { client } = this.visitOf(context);
    noteSignIn(store, person, client);
  }

  /** @returns the secret of the client's new session */
  private beginSession(context: WebContext, signedIn: SignedIn): string {
    const secret = this.sessions.begin(signedIn);
    setCookie(context, this.cookieName(context), secret, this.cookieOptions(context));
    return secret;
  }

  /** Ways to sign in here. */
  get ways(): readonly SignInWay[] {
    const { users, proxy, oidc } = this.web;
    return [
      ...(this.parts.isLoopback ? (['link'] as const) : []),
      ...(users.size > 0 ? (['password'] as const) : []),
      ...(oidc === undefined ? [] : (['oidc'] as const)),
      ...(proxy === undefined ? [] : (['proxy'] as const)),
    ];
  }

  private get web(): WebConfig {
    return this.parts.inventory.file.config.web;
  }

  /** Cookies know no ports: servers of one machine would take each other's. */
  private cookieName(context: WebContext): string {
    const prefix = this.isSecure(context) ? '__Host-' : '';
    return `${prefix}echosweep-${this.parts.port}`;
  }

  private cookieOptions(context: WebContext) {
    return {
      httpOnly: true,
      sameSite: 'Strict',
      path: '/',
      secure: this.isSecure(context),
    } as const;
  }

  /** Whether the browser has an encrypted connection, to this server or to a proxy before it. */
  private isSecure({ req }: WebContext): boolean {
    const { url } = this.web;
    if (this.parts.hasTls) return true;
    return url?.protocol === 'https:' && isPublicHost(req.header('host'), url);
  }

  private personBySession(cookie: string | undefined): Person | undefined {
    const signedIn = cookie === undefined ? undefined : this.sessions.holderOf(cookie);
    // The configuration may have changed since.
    if (signedIn?.way === 'oidc' && this.web.oidc === undefined) return undefined;
    if (signedIn?.way !== 'password') return signedIn;
    const user = this.web.users.get(signedIn.user);
    if (user === undefined || user.passwordHash !== signedIn.passwordHash) return undefined;
    return { ...signedIn, role: user.role };
  }

  private personByToken(secret: string): Person | undefined {
    const { store } = this.parts.inventory;
    const now = new Date();
    const token = tokenByDigest(store, digestOf(secret), now);
    if (token === undefined) return undefined;
    // When it was last used is worth no failure.
    noteTokenUse(store, token, now).catch(() => {});
    return { user: `token ${token.name}`, role: token.role, way: 'token' };
  }

  /** @throws ApiError */
  private async admit(credentials: Credentials, client: string): Promise<SignedIn> {
    if ('link' in credentials) {
      // So many random bits cannot be guessed, so there is nothing to slow down.
      const isValid = this.parts.isLoopback && this.links.redeem(credentials.link);
      if (isValid) return { user: 'local', role: 'edit', way: 'link' };
      this.parts.onRefusal(`sign-in by link refused from ${client}`);
      throw refused('the link was used already, or is too old', 'take a new one from the server');
    }
    return this.admitUser(credentials, client);
  }

  private async admitUser(
    { user: name, password }: { readonly user: string; readonly password: string },
    client: string,
  ): Promise<SignedIn> {
    const key = clientKey(client);
    const waitMs = Math.max(this.byClient.waitMs(key), this.byUser.waitMs(name));
    if (waitMs > 0) throw tooMany(waitMs);
    if (this.passwords.isFull) throw tooMany(1_000);
    // Counted before it is checked: many attempts at once are not free.
    this.byClient.failed(key);
    this.byUser.failed(name);
    const user = this.web.users.get(name);
    if ((await this.passwords.isRight(password, user)) && user !== undefined) {
      this.byClient.succeeded(key);
      this.byUser.succeeded(name);
      return { user: name, role: user.role, way: 'password', passwordHash: user.passwordHash };
    }
    this.parts.onRefusal(`sign-in by password refused from ${client}`);
    throw refused('user or password is wrong', 'try again');
  }
}

/** A sign-in does not wait for a scan that is being written. */
function noteSignIn(store: Store, { user, way }: Person, client: string): void {
  const line = { at: new Date(), user, way, client, action: 'sign in', detail: null };
  noteAction(store, line).catch(() => {});
}

function refused(message: string, advice: string): ApiError {
  return new ApiError(401, 'SIGN_IN_REFUSED', message, advice);
}

function tooMany(waitMs: number): ApiError {
  const seconds = Math.ceil(waitMs / 1_000);
  return new ApiError(429, 'TOO_MANY', 'too many attempts', `try again in ${seconds} s`);
}
