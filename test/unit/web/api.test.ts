/** The API: every route held to its schemas and its role, by the list that it is served from. */

import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { z } from 'zod';
import type { RunningScan, ScanControl } from '../../../src/service/inventory.ts';
import { freshCells } from '../../../src/web/api/fresh-cells.ts';
import { openApiOf } from '../../../src/web/api/openapi.ts';
import { ROUTES } from '../../../src/web/api/routes.ts';
import { cookieOf, Served } from './served.ts';

/** Answers for the parameters of paths. */
const PARAMS: Readonly<Record<string, string>> = { name: 'office', id: '1', address: '192.0.2.1' };
const pathOf = (path: string): string =>
  `/api/v1${path.replaceAll(/\{(\w+)\}/g, (_, name: string) => PARAMS[name] ?? 'x')}`;

const log: string[] = [];
const scans: ScanControl & { runningScans: readonly RunningScan[] } = {
  runningScans: [],
  requestedScans: [],
  startScan: (name) => void log.push(`start ${name}`),
  stopScan: (name) => log.push(`stop ${name}`) > 0,
};

let served: Served;
let cookie: string;
/** Bearers of a token of each role. */
let view: Record<string, string>;
let edit: Record<string, string>;

before(async () => {
  served = await Served.start({ parts: { scans } });
  cookie = await served.signIn();
  view = await tokenOf('view');
  edit = await tokenOf('edit');
});
after(() => served.close());

async function tokenOf(role: string): Promise<Record<string, string>> {
  const { json } = await served.ask('/api/v1/tokens', {
    method: 'POST',
    headers: { cookie },
    body: { name: `a ${role}er`, role },
  });
  const { token } = z.object({ token: z.string() }).parse(json);
  return { authorization: `Bearer ${token}` };
}

describe('every route', () => {
  for (const { method, path, role, schemas } of ROUTES) {
    if (role !== 'anyone') {
      test(`${method} ${path} refuses strangers, and roles that do not suffice`, async () => {
        const stranger = await served.ask(pathOf(path), { method, body: {} });
        assert.equal(stranger.status, 401);
        if (role !== 'edit') return;
        const viewer = await served.ask(pathOf(path), { method, headers: view, body: {} });
        assert.equal(viewer.status, 403);
        assert.match(viewer.text, /ROLE_REFUSED/);
      });
    }

    if (method !== 'GET') {
      test(`${method} ${path} changes nothing for another site`, async () => {
        const origin = 'https://evil.example';
        for (const headers of [
          { cookie, origin },
          { ...edit, origin },
        ]) {
          const { status } = await served.ask(pathOf(path), { method, headers, body: {} });
          assert.equal(status, 403);
        }
        const { status } = await served.ask(pathOf(path), {
          method,
          headers: { cookie, origin: '' },
        });
        assert.equal(status, 403);
      });
    }

    if (method === 'GET') {
      test(`GET ${path} answers by its schema`, async () => {
        const answered = await served.ask(pathOf(path), { headers: edit });
        if (answered.status === 200) {
          schemas.answer.parse(answered.json);
          return;
        }
        assert.match(
          answered.text,
          /^\{"error":\{"code":"[A-Z_]+","message":".+","advice":".+"\}\}$/,
        );
        assert.ok(answered.status < 500, answered.text);
      });
    }
  }

  test('is a write only for the role edit', () => {
    const others = ROUTES.filter(({ method, role }) => method !== 'GET' && role !== 'edit');
    assert.deepEqual(
      others.map(({ method, path }) => `${method} ${path}`),
      ['POST /session', 'DELETE /session'],
    );
  });
});

describe('the description', () => {
  test('is OpenAPI 3.1 with every route, its role and its parameters', async () => {
    const { json, status } = await served.ask('/api/v1/openapi.json');
    assert.equal(status, 200);
    assert.deepEqual(json, JSON.parse(JSON.stringify(openApiOf(ROUTES))));
    const { paths } = z
      .object({
        openapi: z.literal('3.1.1'),
        paths: z.record(
          z.string(),
          z.record(
            z.string(),
            z.object({
              operationId: z.string(),
              summary: z.string().regex(/^[A-Z].*[.]$/),
              'x-role': z.enum(['anyone', 'view', 'edit']),
              parameters: z.array(z.object({ name: z.string(), in: z.string() })).default([]),
            }),
          ),
        ),
      })
      .parse(json);
    const operations = Object.values(paths).flatMap((each) => Object.values(each));
    assert.equal(operations.length, ROUTES.length + 1);
    assert.equal(new Set(operations.map((each) => each.operationId)).size, operations.length);
    for (const [path, each] of Object.entries(paths)) {
      const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
      for (const { parameters } of Object.values(each)) {
        const inPath = parameters.filter((one) => one.in === 'path').map(({ name }) => name);
        assert.deepEqual(inPath.sort(), named.sort(), path);
      }
    }
  });
});

describe('tokens', () => {
  test('are shown once, kept as digests, and over when they are revoked', async () => {
    const { json } = await served.ask('/api/v1/tokens', {
      method: 'POST',
      headers: { cookie },
      body: { name: 'short', role: 'view', expires_days: 1 },
    });
    const { id, token } = z.object({ id: z.string(), token: z.string() }).parse(json);
    assert.match(token, /^echosweep_[\w-]{43}$/);
    const kept = JSON.stringify(served.store.database.prepare('SELECT * FROM tokens').all());
    assert.ok(!kept.includes(token.slice(10)));
    const headers = { authorization: `Bearer ${token}` };
    assert.equal((await served.ask('/api/v1/networks', { headers })).status, 200);
    const list = await served.ask('/api/v1/tokens', { headers: { cookie } });
    assert.ok(!list.text.includes(token));
    await served.ask(`/api/v1/tokens/${id}`, { method: 'DELETE', headers: { cookie } });
    assert.equal((await served.ask('/api/v1/networks', { headers })).status, 401);
    // A browser's session does not help a wrong token.
    assert.equal(
      (await served.ask('/api/v1/networks', { headers: { ...headers, cookie } })).status,
      401,
    );
  });

  test('make no tokens, and need no origin', async () => {
    const body = { name: 'x', role: 'edit' };
    const { status } = await served.ask('/api/v1/tokens', { method: 'POST', headers: edit, body });
    assert.equal(status, 403);
    const raw = await served.sendRaw(
      `POST /api/v1/networks/lab/scan HTTP/1.1\r\nHost: ${served.host}\r\nAuthorization: ${edit['authorization']}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`,
    );
    assert.match(raw, /^HTTP\/1\.1 200 /);
    assert.equal(log.at(-1), 'start lab');
  });
});

test('a change without its audit line is not kept', async (context) => {
  const tokens = () => served.ask('/api/v1/tokens', { headers: { cookie } });
  const before = (await tokens()).json;
  const { database } = served.store;
  database.exec(
    "CREATE TRIGGER full BEFORE INSERT ON audit BEGIN SELECT RAISE(ABORT, 'no room'); END",
  );
  context.after(() => database.exec('DROP TRIGGER full'));
  for (const [method, path, body] of [
    ['POST', '/tokens', { name: 'lost', role: 'edit' }],
    ['DELETE', '/tokens/1', undefined],
    ['PATCH', '/networks/office/hosts/192.0.2.1/note', { name: 'lost' }],
  ] as const) {
    const { status } = await served.ask(`/api/v1${path}`, { method, headers: { cookie }, body });
    assert.equal(status, 503, path);
  }
  assert.deepEqual((await tokens()).json, before);
  assert.deepEqual(database.prepare('SELECT * FROM host_notes').all(), []);
});

describe('scans', () => {
  test('are started and stopped, each with an audit line', async () => {
    log.length = 0;
    await served.ask('/api/v1/networks/office/scan', { method: 'POST', headers: { cookie } });
    await served.ask('/api/v1/networks/office/scan', { method: 'DELETE', headers: { cookie } });
    assert.deepEqual(log, ['start office', 'stop office']);
    const { json } = await served.ask('/api/v1/audit?limit=2', { headers: { cookie } });
    const line = z.object({
      user: z.string(),
      sign_in: z.string(),
      client: z.string(),
      action: z.string(),
    });
    const page = z.object({ items: z.array(line), next: z.string() }).parse(json);
    assert.deepEqual(page.items, [
      {
        user: 'local',
        sign_in: 'link',
        client: '127.0.0.1',
        action: 'DELETE /networks/office/scan',
      },
      { user: 'local', sign_in: 'link', client: '127.0.0.1', action: 'POST /networks/office/scan' },
    ]);
    const rest = await served.ask(`/api/v1/audit?cursor=${page.next}`, { headers: { cookie } });
    assert.match(rest.text, /"action":"sign in"/);
    assert.ok(!rest.text.includes('DELETE /networks/office/scan'));
  });

  test('of an unknown network are not found', async () => {
    for (const name of ['nothing', '__proto__', '%2e%2e', "x'--"]) {
      const path = `/api/v1/networks/${name}/scan`;
      const { status } = await served.ask(path, { method: 'POST', headers: { cookie } });
      assert.equal(status, 404, name);
    }
  });
});

describe('cells of a running scan', () => {
  test('are sent if they changed, near ones together', () => {
    const cells = new Uint8Array(new SharedArrayBuffer(300));
    const known = new Uint8Array(300);
    assert.deepEqual(freshCells(cells, known), []);
    cells.set([1, 0, 2], 10);
    cells[299] = 3;
    assert.deepEqual(freshCells(cells, known), [
      [10, Buffer.from([1, 0, 2]).toString('base64')],
      [299, Buffer.from([3]).toString('base64')],
    ]);
    assert.deepEqual(freshCells(cells, known), []);
  });
});

test('a session that was signed out has no more rights', async () => {
  const own = await served.signIn();
  const out = await served.ask('/api/v1/session', { method: 'DELETE', headers: { cookie: own } });
  assert.match(cookieOf(out.headers), /^echosweep-\d+=$/);
  assert.equal((await served.ask('/api/v1/networks', { headers: { cookie: own } })).status, 401);
});
