/** Ways to sign in, and attacks on them. */

import assert from 'node:assert/strict';
import { after, before, describe, mock, test } from 'node:test';
import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import { hashPassword, isPasswordHash } from '../../../src/inventory/password-hash.ts';
import { AttemptLimit, clientKey } from '../../../src/web/sign-in/attempt-limit.ts';
import { OneTimeLinks } from '../../../src/web/sign-in/one-time-links.ts';
import { PasswordCheck } from '../../../src/web/sign-in/password-check.ts';
import { roleOf } from '../../../src/web/sign-in/roles.ts';
import { Sessions } from '../../../src/web/sign-in/sessions.ts';
import { clientOf, isTrusted } from '../../../src/web/sign-in/trusted-proxy.ts';
import { cookieOf, Served } from './served.ts';
import { readWebConfig } from './web-config.ts';

describe('a password', () => {
  let served: Served;
  before(async () => {
    // Waits do not end by themselves, however long the hashes take.
    mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const hash = await hashPassword('correct horse');
    served = await Served.start({
      web: `
web:
  users:
    anna: { password: "${hash}", role: edit }
    otto: { password: "${hash}" }
`,
    });
  });
  after(async () => {
    await served.close();
    mock.timers.reset();
  });

  const signIn = (user: string, password: string) =>
    served.ask('/api/v1/session', { method: 'POST', body: { user, password } });

  test('signs its user in with the role of the configuration', async () => {
    for (const [user, role] of [
      ['anna', 'edit'],
      ['otto', 'view'],
    ] as const) {
      const { status, text, headers } = await signIn(user, 'correct horse');
      assert.equal(status, 200);
      assert.match(text, new RegExp(`"user":"${user}","role":"${role}","sign_in":"password"`));
      const cookie = cookieOf(headers);
      const audit = await served.ask('/api/v1/audit', { headers: { cookie } });
      assert.equal(audit.status, role === 'edit' ? 200 : 403);
    }
  });

  test('is refused alike for a wrong user and a wrong password, and slowed down after five', async () => {
    const answers = [
      await signIn('nina', 'correct horse'),
      await signIn('anna', 'wrong'),
      await signIn('anna', 'wrong'),
      await signIn('anna', 'wrong'),
      await signIn('anna', 'wrong'),
    ];
    assert.deepEqual(
      [...new Set(answers.map(({ status, text }) => `${status} ${text}`))].length,
      1,
    );
    assert.equal(answers[0]!.status, 401);
    assert.equal((await signIn('anna', 'correct horse')).status, 429);
    assert.equal(served.refusals.length, 5);
    assert.ok(served.refusals.every((line) => !/anna|wrong|horse/.test(line)));
  });

  test('many attempts at once are not free', async () => {
    const hash = await hashPassword('correct horse');
    const fresh = await Served.start({ web: `web: { users: { anna: { password: "${hash}" } } }` });
    const body = { user: 'anna', password: 'wrong' };
    const answers = await Promise.all(
      Array.from({ length: 12 }, () => fresh.ask('/api/v1/session', { method: 'POST', body })),
    );
    assert.equal(answers.filter(({ status }) => status === 401).length, 5);
    await fresh.close();
  });
});

test('passwords wait for each other, sixteen at most', async () => {
  const check = new PasswordCheck();
  // No password has this hash, and finding that out takes no time.
  const user = { passwordHash: '', role: 'edit' } as const;
  const checks = Array.from({ length: 15 }, () => check.isRight('x', user));
  assert.equal(check.isFull, false);
  checks.push(check.isRight('x', user));
  assert.equal(check.isFull, true);
  assert.deepEqual(new Set(await Promise.all(checks)), new Set([false]));
  assert.equal(check.isFull, false);
});

test('a session by password has the role of now, and is over with its password and its user', async (context) => {
  const hashes = [await hashPassword('correct horse'), await hashPassword('battery staple')];
  const anna = (hash: number, role: string): string =>
    `anna: { password: "${hashes[hash]}", role: ${role} }`;
  const networks = 'networks: { office: { targets: 192.0.2.0/28 } }';
  const fileWith = (users: string) => ({
    path: 'x.yaml',
    config: parseConfig(`${networks}\nweb: { users: { ${users} } }`, 'x.yaml'),
    resolve: (path: string) => path,
  });
  let file = fileWith(anna(0, 'view'));
  const served = await Served.start({
    parts: {
      get file() {
        return file;
      },
    },
  });
  context.after(() => served.close());
  const body = { user: 'anna', password: 'correct horse' };
  const { headers } = await served.ask('/api/v1/session', { method: 'POST', body });
  const cookie = cookieOf(headers);
  const sessionNow = async (): Promise<unknown> => {
    const { json } = await served.ask('/api/v1/session', { headers: { cookie } });
    const { user, role } = json as Record<string, unknown>;
    return [user, role];
  };
  assert.deepEqual(await sessionNow(), ['anna', 'view']);
  file = fileWith(anna(0, 'edit'));
  assert.deepEqual(await sessionNow(), ['anna', 'edit']);
  file = fileWith(anna(1, 'edit'));
  assert.deepEqual(await sessionNow(), [null, null]);
  file = fileWith(`otto: { password: "${hashes[0]}" }`);
  assert.deepEqual(await sessionNow(), [null, null]);
});

describe('the hash of a password', () => {
  test('is salted, and refused if it is cheap or asks for too much memory', async () => {
    const [one, other] = [await hashPassword('x'), await hashPassword('x')];
    assert.notEqual(one, other);
    assert.ok(isPasswordHash(one));
    const tail = one.slice(one.indexOf('$', 10));
    assert.ok(isPasswordHash(`$scrypt$ln=15,r=8,p=3${tail}`));
    for (const costs of ['ln=1,r=8,p=1', 'ln=30,r=8,p=1', 'ln=15,r=8,p=99', 'ln=15,r=99,p=1'])
      assert.ok(!isPasswordHash(`$scrypt$${costs}${tail}`), costs);
    assert.ok(!isPasswordHash('secret'));
  });
});

describe('a proxy', () => {
  const PROXY = `
web:
  proxy: { from: [127.0.0.1], groups-header: X-Groups, editors: ["group:netops"], viewers: [otto] }
`;

  test('names people and their groups', async () => {
    const served = await Served.start({ web: PROXY });
    const ask = (headers: Record<string, string>) => served.ask('/api/v1/session', { headers });
    assert.match((await ask({ 'x-remote-user': 'otto' })).text, /"user":"otto","role":"view"/);
    const groups = { 'x-remote-user': 'anna', 'x-groups': 'staff, netops' };
    assert.match((await ask(groups)).text, /"user":"anna","role":"edit","sign_in":"proxy"/);
    assert.match((await ask({ 'x-remote-user': 'nina' })).text, /"user":null/);
    assert.match((await ask({})).text, /"user":null/);
    await served.close();
  });

  test('names nobody by a name of more than 256 characters', async (context) => {
    const served = await Served.start({
      web: 'web: { proxy: { from: [127.0.0.1], viewers: ["*"] } }',
    });
    context.after(() => served.close());
    for (const [length, status] of [
      [256, 200],
      [257, 401],
    ] as const) {
      const headers = { 'x-remote-user': 'a'.repeat(length) };
      assert.equal((await served.ask('/api/v1/networks', { headers })).status, status);
    }
  });

  test('may name people and groups in any letters, in UTF-8 or as HTTP once had them', async (context) => {
    const web = PROXY.replace('otto', 'jürgen').replace('netops', 'büro');
    const served = await Served.start({ web });
    context.after(() => served.close());
    const roleOf = async (
      encoding: 'utf8' | 'latin1',
      user: string,
      groups = '',
    ): Promise<string> => {
      // Node sends a header octet by octet.
      const [sentUser, sentGroups] = [user, groups].map((name) =>
        Buffer.from(name, encoding).toString('latin1'),
      );
      const headers = { 'x-remote-user': sentUser!, 'x-groups': sentGroups! };
      const { json } = await served.ask('/api/v1/session', { headers });
      const { user: named, role } = json as { user: string | null; role: string | null };
      return `${named} ${role}`;
    };
    for (const encoding of ['utf8', 'latin1'] as const) {
      assert.equal(await roleOf(encoding, 'jürgen'), 'jürgen view');
      assert.equal(await roleOf(encoding, 'zoë', 'rest, büro'), 'zoë edit');
    }
  });

  test('is believed at its own address alone', async () => {
    const served = await Served.start({ web: PROXY.replace('127.0.0.1', '192.0.2.0/24') });
    const { text } = await served.ask('/api/v1/session', { headers: { 'x-remote-user': 'otto' } });
    assert.match(text, /"user":null/);
    await served.close();
  });

  test('that signs no person in keeps the clients behind it apart', async (t) => {
    // On a busy machine a password takes longer to check than the first wait lasts.
    t.mock.timers.enable({ apis: ['Date'], now: Date.now() });
    const served = await Served.start({
      web: `
web:
  users: { anna: { password: "${await hashPassword('correct horse')}" } }
  proxy: { from: [127.0.0.1], viewers: [] }
`,
    });
    t.after(() => served.close());
    const from = async (place: string, password: string): Promise<number> => {
      const headers = { 'x-forwarded-for': `203.0.113.66, ${place}`, 'x-remote-user': 'anna' };
      const body = { user: 'anna', password };
      return (await served.ask('/api/v1/session', { method: 'POST', headers, body })).status;
    };
    for (let i = 0; i < 5; i++) assert.equal(await from('198.51.100.7:1234', 'wrong'), 401);
    assert.equal(await from('198.51.100.7:5678', 'correct horse'), 429);
    assert.equal(await from('198.51.100.8', 'correct horse'), 200);
    const headers = { 'x-remote-user': 'anna' };
    assert.match((await served.ask('/api/v1/session', { headers })).text, /"user":null/);
  });

  test('tells who the client is by the address that it saw itself', () => {
    const { proxy } = readWebConfig('{ proxy: { from: [192.0.2.1, "2001:db8::/64"] } }');
    const forwarded = (name: string) =>
      name === 'x-forwarded-for' ? '203.0.113.66, 198.51.100.7' : undefined;
    assert.equal(clientOf('192.0.2.1', proxy, forwarded), '198.51.100.7');
    assert.equal(clientOf('192.0.2.2', proxy, forwarded), '192.0.2.2');
    assert.equal(
      clientOf('192.0.2.1', proxy, () => 'nonsense'),
      '192.0.2.1',
    );
    for (const [place, seen] of [
      ['198.51.100.7:5678', '198.51.100.7'],
      ['203.0.113.66, [2001:db8:7::1]:5678', '2001:db8:7::1'],
      ['[::ffff:198.51.100.7]', '198.51.100.7'],
      ['2001:db8:7::1', '2001:db8:7::1'],
      ['[x]:1', '192.0.2.1'],
      ['198.51.100.7:1:2', '192.0.2.1'],
    ] as const) {
      assert.equal(
        clientOf('192.0.2.1', proxy, () => place),
        seen,
        place,
      );
    }
    // Of a proxy that listens for both families.
    for (const mapped of ['::ffff:198.51.100.9', '::FFFF:198.51.100.9']) {
      assert.equal(
        clientOf('192.0.2.1', proxy, () => mapped),
        '198.51.100.9',
      );
    }
    assert.ok(isTrusted('2001:db8::7', proxy));
    assert.ok(!isTrusted('2001:db8:1::7', proxy));
    assert.ok(!isTrusted('', proxy));
  });
});

test('lists give roles to names, to groups and to everyone', () => {
  const roles = { viewers: ['*'], editors: ['anna', 'group:netops'] };
  assert.equal(roleOf('anna', [], roles), 'edit');
  assert.equal(roleOf('otto', ['netops'], roles), 'edit');
  assert.equal(roleOf('otto', [], roles), 'view');
  assert.equal(roleOf('netops', [], { viewers: [], editors: ['group:netops'] }), undefined);
  assert.equal(roleOf('group:netops', [], { viewers: [], editors: ['group:netops'] }), undefined);
});

describe('attempts', () => {
  test('are free at first, then each failure doubles the wait, up to a quarter of an hour', () => {
    let nowMs = 0;
    const limit = new AttemptLimit(5, () => nowMs);
    for (let i = 0; i < 4; i++) limit.failed('a');
    assert.equal(limit.waitMs('a'), 0);
    limit.failed('a');
    assert.equal(limit.waitMs('a'), 1_000);
    limit.failed('a');
    assert.equal(limit.waitMs('a'), 2_000);
    for (let i = 0; i < 30; i++) limit.failed('a');
    assert.equal(limit.waitMs('a'), 900_000);
    assert.equal(limit.waitMs('b'), 0);
    nowMs = 900_000;
    assert.equal(limit.waitMs('a'), 0);
    limit.succeeded('a');
    limit.failed('a');
    assert.equal(limit.waitMs('a'), 0);
  });

  test('count for an hour after the last failure', () => {
    let nowMs = 0;
    const limit = new AttemptLimit(2, () => nowMs);
    const waitAfter = (ms: number): number => {
      nowMs += ms;
      limit.failed('a');
      return limit.waitMs('a');
    };
    assert.deepEqual([0, 3_599_999, 3_599_999, 3_600_000].map(waitAfter), [0, 1_000, 2_000, 0]);
  });

  test('keep no one out for longer because the clock was set back', () => {
    let nowMs = 3_600_000;
    const limit = new AttemptLimit(1, () => nowMs);
    limit.failed('a');
    nowMs = 0;
    assert.equal(limit.waitMs('a'), 1_000);
    nowMs = 1_000;
    assert.equal(limit.waitMs('a'), 0);
  });

  test('are counted for the /64 of an IPv6 client', () => {
    assert.equal(clientKey('2001:db8::1'), clientKey('2001:db8::ffff:1'));
    assert.notEqual(clientKey('2001:db8::1'), clientKey('2001:db8:0:1::1'));
    assert.equal(clientKey('192.0.2.1'), '192.0.2.1');
  });

  test('take bounded memory', () => {
    const limit = new AttemptLimit(5, () => 0);
    for (let i = 0; i < 5; i++) limit.failed('first');
    for (let i = 0; i < 10_000; i++) limit.failed(String(i));
    assert.equal(limit.waitMs('first'), 0);
  });
});

describe('sessions and links', () => {
  test('end when they are idle, when they are old, and when there are too many', () => {
    let nowMs = 0;
    const sessions = new Sessions<string>(() => nowMs);
    const idle = sessions.begin('idle');
    const busy = sessions.begin('busy');
    for (let hours = 0; hours < 167; hours++) {
      nowMs += 3_600_000;
      assert.equal(sessions.holderOf(busy), 'busy');
    }
    assert.equal(sessions.holderOf(idle), undefined);
    nowMs += 7_200_000;
    assert.equal(sessions.holderOf(busy), undefined);
    const first = sessions.begin('first');
    for (let i = 0; i < 1_000; i++) sessions.begin('x');
    assert.equal(sessions.holderOf(first), undefined);
  });

  test('a session makes room for new ones once it is the one used longest ago', () => {
    const sessions = new Sessions<string>(() => 0);
    const [used, unused] = [sessions.begin('used'), sessions.begin('unused')];
    sessions.holderOf(used);
    for (let i = 2; i <= 1_000; i++) sessions.begin('x');
    assert.deepEqual(
      [used, unused].map((each) => sessions.holderOf(each)),
      ['used', undefined],
    );
  });

  test('links are kept for the sixteen latest', () => {
    const links = new OneTimeLinks(() => 0);
    const issued = Array.from({ length: 17 }, () => links.issue());
    assert.deepEqual(
      issued.map((link) => links.redeem(link)),
      issued.map((_, nth) => nth > 0),
    );
  });

  test('a link works once, and within an hour', () => {
    let nowMs = 0;
    const links = new OneTimeLinks(() => nowMs);
    const link = links.issue();
    assert.ok(links.redeem(link));
    assert.ok(!links.redeem(link));
    const late = links.issue();
    nowMs = 3_600_001;
    assert.ok(!links.redeem(late));
  });
});
