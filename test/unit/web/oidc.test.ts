/** Sign-in by OpenID Connect, tried with a stand-in for the provider on this machine. */

import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, before, describe, test } from 'node:test';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { type Answer, cookieOf, Served } from './served.ts';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const base64 = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');

/** What the provider says of the person, and how it cheats. */
let claims: object = {};
let key = privateKey;
/** The latest request of a browser. */
let asked = new URLSearchParams();
let provider: Server;
let issuer = '';
let served: Served;
/** The configuration that the server has now. */
let file: ReturnType<typeof fileWith>;

function idToken(): string {
  const now = Math.floor(Date.now() / 1000);
  const usual = { iss: issuer, aud: 'echosweep', sub: '7', iat: now, exp: now + 60 };
  const head = base64({ alg: 'RS256', kid: '1' });
  const body = base64({ ...usual, nonce: asked.get('nonce'), ...claims });
  return `${head}.${body}.${sign('sha256', Buffer.from(`${head}.${body}`), key).toString('base64url')}`;
}

/** The configuration, with the place of the secret. */
function webWith(secret: string): string {
  return `
web:
  url: https://inventory.example
  oidc:
    issuer: ${issuer}
    client-id: echosweep
    ${secret}
    editors: [anna@example.net]
    viewers: ["group:staff"]
`;
}

function fileWith(web: string) {
  const networks = 'networks: { office: { targets: 192.0.2.0/28 } }';
  const config = parseConfig(`${networks}\n${web}`, 'x.yaml');
  return { path: 'x.yaml', config, resolve: (path: string) => path };
}

before(async () => {
  provider = createServer(async (request, response) => {
    const answer = (value: object): void => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end(JSON.stringify(value));
    };
    if (request.url === '/.well-known/openid-configuration') {
      answer({
        issuer,
        authorization_endpoint: `${issuer}/authorize`,
        token_endpoint: `${issuer}/token`,
        jwks_uri: `${issuer}/keys`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
      });
    } else if (request.url === '/keys') {
      answer({ keys: [{ ...publicKey.export({ format: 'jwk' }), kid: '1', alg: 'RS256' }] });
    } else {
      let body = '';
      for await (const chunk of request) body += chunk;
      const form = new URLSearchParams(body);
      const challenge = createHash('sha256').update(form.get('code_verifier')!).digest('base64url');
      assert.equal(challenge, asked.get('code_challenge'));
      assert.equal(request.headers.authorization, `Basic ${btoa('echosweep:hush')}`);
      answer({ access_token: 'x', token_type: 'Bearer', id_token: idToken() });
    }
  });
  await new Promise<void>((resolve) => provider.listen(0, '127.0.0.1', resolve));
  issuer = `http://127.0.0.1:${(provider.address() as AddressInfo).port}`;
  const web = webWith('client-secret-env: OIDC_SECRET');
  file = fileWith(web);
  const parts = {
    get file() {
      return file;
    },
  };
  served = await Served.start({ web, parts });
});
after(async () => {
  await served.close();
  provider.closeAllConnections();
  await new Promise((resolve) => provider.close(resolve));
});

const HOST = { host: 'inventory.example' };

/** Begins a sign-in. @returns the cookie for the way back */
async function begin(): Promise<string> {
  const { status, headers } = await served.ask('/sign-in/oidc', { headers: HOST });
  assert.equal(status, 302);
  asked = new URL(String(headers['location'])).searchParams;
  assert.equal(asked.get('redirect_uri'), 'https://inventory.example/sign-in/oidc/callback');
  // Another host of the domain cannot set a cookie of this name.
  assert.match(
    String(headers['set-cookie']),
    /^__Host-echosweep-oidc=.*; Path=\/; HttpOnly; Secure; SameSite=Lax$/,
  );
  return cookieOf(headers);
}

function comeBack(cookie: string, query = `code=c&state=${asked.get('state')}`): Promise<Answer> {
  return served.ask(`/sign-in/oidc/callback?${query}`, { headers: { ...HOST, cookie } });
}

/** The session of an answer, as the API says. */
async function sessionOf({ headers }: Answer): Promise<string> {
  const cookies = [headers['set-cookie'] ?? []].flat();
  const cookie = cookies.find((each) => /^__Host-echosweep-\d/.test(each))?.split(';')[0] ?? '';
  return (await served.ask('/api/v1/session', { headers: { ...HOST, cookie } })).text;
}

describe('a person of the provider', () => {
  test('is signed in with the role of the lists', async () => {
    claims = { email: 'anna@example.net', email_verified: true };
    const answer = await comeBack(await begin());
    assert.deepEqual(
      [answer.status, answer.headers['location']],
      [302, 'https://inventory.example/'],
    );
    assert.match(
      await sessionOf(answer),
      /"user":"anna@example.net","role":"edit","sign_in":"oidc"/,
    );
    claims = { email: 'otto@example.net', email_verified: true, groups: ['staff'] };
    assert.match(
      await sessionOf(await comeBack(await begin())),
      /"user":"otto@example.net","role":"view"/,
    );
  });

  test('is signed in for as long as the configuration has the provider', async () => {
    claims = { email: 'anna@example.net', email_verified: true };
    const answer = await comeBack(await begin());
    const withProvider = file;
    file = fileWith('web: { url: https://inventory.example }');
    assert.match(await sessionOf(answer), /"user":null/);
    file = withProvider;
    assert.match(await sessionOf(answer), /"user":"anna@example.net"/);
  });

  test('is refused without a verified address, and outside the lists', async () => {
    for (const each of [
      { email: 'anna@example.net' },
      { email: 'anna@example.net', email_verified: false },
      { email: 'nina@example.net', email_verified: true },
      { email: ['anna@example.net'], email_verified: true },
      {},
    ]) {
      claims = each;
      assert.equal((await comeBack(await begin())).status, 401, JSON.stringify(each));
    }
  });
});

describe('an answer of the provider', () => {
  before(() => {
    claims = { email: 'anna@example.net', email_verified: true };
  });

  test('counts once, in the browser that began, with its own state', async () => {
    const cookie = await begin();
    const { status, headers, text } = await served.ask('/sign-in/oidc/callback', {
      headers: { ...HOST, accept: 'text/html,application/xhtml+xml,*/*;q=0.8' },
    });
    assert.equal((await comeBack('')).status, 401);
    assert.deepEqual([status, headers['content-type']], [401, 'text/html; charset=UTF-8']);
    assert.match(text, /<p>the sign-in took too long, .*: begin again at \/<\/p><a href="\/">/);
    assert.equal((await comeBack('__Host-echosweep-oidc=forged')).status, 401);
    assert.equal((await comeBack(cookie, 'code=c&state=other')).status, 401);
    assert.equal((await comeBack(cookie)).status, 401);
    const again = await begin();
    assert.equal((await comeBack(again)).status, 302);
    assert.equal((await comeBack(again)).status, 401);
  });

  test('counts for a cookie that is whole, within ten minutes', async (context) => {
    const cookie = await begin();
    const [name, sealed] = cookie.split('=') as [string, string];
    for (const wrong of [sealed.slice(1), sealed.slice(0, -4), `${sealed}AAAA`, sealed.slice(0, 9)])
      assert.equal((await comeBack(`${name}=${wrong}`)).status, 401, wrong);
    context.mock.timers.enable({ apis: ['Date'], now: Date.now() + 601_000 });
    assert.equal((await comeBack(cookie)).status, 401);
  });

  test('counts however many sign-ins strangers begin meanwhile', async () => {
    const cookie = await begin();
    const own = asked;
    for (let i = 0; i < 1_000; i++) await served.ask('/sign-in/oidc', { headers: HOST });
    asked = own;
    assert.equal((await comeBack(cookie)).status, 302);
  });

  test('is refused for another audience, issuer or nonce, too late, and with a foreign signature', async () => {
    const anna = { email: 'anna@example.net', email_verified: true };
    for (const wrong of [
      { aud: 'other' },
      { iss: 'https://evil.example' },
      { nonce: 'other' },
      { exp: 1 },
    ]) {
      claims = { ...anna, ...wrong };
      assert.equal((await comeBack(await begin())).status, 401, JSON.stringify(wrong));
    }
    claims = anna;
    key = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    assert.equal((await comeBack(await begin())).status, 401);
    key = privateKey;
  });
});

test('a provider that cannot be used is explained to the server alone', async (context) => {
  const broken = await Served.start({ web: webWith('client-secret-file: /nowhere/secret') });
  context.after(() => broken.close());
  const { status, json } = await broken.ask('/sign-in/oidc', { headers: HOST });
  assert.equal(status, 503);
  assert.deepEqual(json, {
    error: {
      code: 'PROVIDER_AWAY',
      message: 'the provider of OpenID Connect cannot be used',
      advice: 'try again later, or check web.oidc',
    },
  });
  assert.match(String(broken.faults), /cannot be used \(.*\/nowhere\/secret.*ENOENT.*\)$/);
});
