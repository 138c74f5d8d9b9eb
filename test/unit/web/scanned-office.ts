/** A web server over an inventory with six scans of the network `office`, and a client whose answers are held to their schemas. */

import assert from 'node:assert/strict';
import { after, before } from 'node:test';
import type { z } from 'zod';
import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import { ROUTES } from '../../../src/web/api/routes.ts';
import { silentAt, upAt, writeOffice } from '../inventory/samples.ts';
import { type Answer, type Asked, Served } from './served.ts';

const MS_AN_HOUR = 3_600_000;
/** Scans of the latest hours, so that whatever is new or unread is so whenever this runs. */
export const SCANS = 6;
export const START = Math.floor(Date.now() / MS_AN_HOUR) * MS_AN_HOUR - SCANS * MS_AN_HOUR;

export interface HostLine {
  readonly address: string;
  readonly state: string;
  readonly note: { readonly owner: string | null; readonly tags: string[] } | null;
}

export interface HostList {
  readonly items: HostLine[];
  readonly next: string | null;
  readonly total: number;
}

export function addresses({ items }: Pick<HostList, 'items'>): string[] {
  return items.map(({ address }) => address);
}

/** What the n-th scan finds. */
function found(n: number): ScannedHost[] {
  return [
    upAt('192.0.2.1', n, { hostname: 'router.example', mac: '00:00:5e:00:53:01' }),
    n < 2 ? upAt('192.0.2.2', n, { hostname: `n-${n}.example` }) : silentAt('192.0.2.2', n),
    n < 3
      ? silentAt('192.0.2.3', n)
      : upAt('192.0.2.3', n, {
          hostname: 'Printer.example',
          rttsMs: [2, 4, 3],
          rttAvgMs: 3,
          sent: 4,
          received: 3,
        }),
    upAt('192.0.2.4', n, {
      mac: '00:00:5e:00:53:04',
      otherMac: n > 3 ? '00:00:5e:00:53:05' : null,
    }),
    silentAt('192.0.2.6', n),
  ];
}

/** Serves the inventory to the tests of a file. */
export function serveScannedOffice() {
  let served: Served;
  let headers: Record<string, string>;
  before(async () => {
    served = await Served.start();
    headers = { cookie: await served.signIn() };
    for (let n = 0; n < SCANS; n++) {
      const startedAt = new Date(START + n * MS_AN_HOUR);
      const hosts = found(n).map((host) => ({ ...host, startedAt }));
      writeOffice(served.store, n, hosts, { startedAt, endedAt: startedAt, targets: 5 });
    }
  });
  after(() => served.close());

  /** Sends a request as a user who is signed in. */
  const request = (path: string, asked: Omit<Asked, 'headers'> = {}): Promise<Answer> =>
    served.ask(`/api/v1${path}`, { ...asked, headers });

  /** The answer, held to the schema of its route. */
  async function ask<Kind>(
    method: string,
    path: string,
    route: string,
    body?: unknown,
  ): Promise<Kind> {
    const { status, json, text } = await request(path, { method, body });
    assert.equal(status, 200, text);
    const { schemas } = ROUTES.find((each) => each.method === method && each.path === route)!;
    const strict = schemas.answer as z.ZodObject;
    return (strict.strict?.() ?? strict).parse(json) as Kind;
  }

  return {
    server: (): Served => served,
    request,
    ask,
    hosts: (query: string): Promise<HostList> =>
      ask('GET', `/networks/office/hosts?${query}`, '/networks/{name}/hosts'),
    /** Writes about a host. */
    annotate: (address: string, body: object): Promise<HostLine['note']> =>
      ask(
        'PATCH',
        `/networks/office/hosts/${address}/note`,
        '/networks/{name}/hosts/{address}/note',
        body,
      ),
  };
}
