/** Hosts on a local network: looked for first, and only those that are there are pinged. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { NEIGHBOUR } from '../../../src/host-network/host-network.ts';
import { cellCode } from '../../../src/results/cell-code.ts';
import { TABLE_INTERFACE, tableOf } from './neighbour-table.ts';
import { block, probe } from './probing.ts';
import { LAN, type LinkScript, ScriptedLink } from './scripted-link.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import { reply, type Script, silence } from './scripted-packets.ts';

const MAC = [2, 0, 0, 0, 0, 7];
const OTHER_MAC = [2, 0, 0, 0, 0, 8];
const FIRST = { 4: '198.51.100.0', 6: '2001:db8:1::' } as const;
const PRESENT = { 4: '198.51.100.7', 6: '2001:db8:1::7' } as const;
const PRESENCE = { 4: 'arp-reply', 6: 'ndp-reply' } as const;
const alive: Script = (request) => [reply(request)];
for (const family of [4, 6] as const) {
  const host = PRESENT[family];
  const onlyPresent: LinkScript = (address) => (address === host ? [{ mac: MAC, afterMs: 1 }] : []);
  const lan = (script: Script, link: LinkScript): { net: ScriptedNetwork; link: ScriptedLink } => {
    const net = new ScriptedNetwork(family, script);
    const made = new ScriptedLink(net, link);
    net.socket.tieTo(LAN);
    net.neighbourSockets = [made];
    return { net, link: made };
  };
  const searched = { reach: { link: LAN } } as const;

  describe(`IPv${family}`, () => {
    test('a late answer to the first request counts, even if the second could not leave', () => {
      const late: LinkScript = (address) => (address === host ? [{ mac: MAC, afterMs: 2500 }] : []);
      const { net, link } = lan(alive, late);
      link.refuses = () => (link.requests.length > 0 ? 'ENOMEM' : undefined);
      const { host: row } = probe(net, block(host), searched);
      assert.equal(link.requests.length, 1);
      assert.deepEqual([row(host).status, row(host).reason], ['up', 'echo-reply']);
    });

    test('a host that answers is pinged, and no other is sent an echo request', () => {
      const { net } = lan(alive, onlyPresent);
      const { hosts, counts } = probe(net, block(FIRST[family], 16), searched);
      assert.deepEqual(
        net.requests.map(({ address, mac }) => ({ address, mac })),
        [{ address: host, mac: MAC }],
      );
      assert.equal(hosts.size, 16);
      const { status, sent, pattern, mac } = hosts.get(host)!;
      assert.deepEqual([status, sent, pattern, mac], ['up', 1, '!', '02:00:00:00:00:07']);
      for (const row of hosts.values()) {
        if (row.address === host) continue;
        assert.deepEqual(
          [row.status, row.reason, row.sent, row.pattern, row.mac],
          ['down', 'arp-failed', 2, 'UU', null],
        );
        assert.notEqual(row.startedAt, null);
      }
      assert.deepEqual([counts.sent, counts.neighbourRequests], [1, 1 + 15 * 2]);
    });

    for (const [timeoutMs, patienceMs] of [
      [200, 3000],
      [5000, 5000],
    ] as const) {
      test(`with a timeout of ${timeoutMs} ms an absent host is given up after ${patienceMs} ms`, () => {
        const { net, link } = lan(alive, () => []);
        const began = net.clockNs;
        probe(net, block(FIRST[family], 4), { ...searched, timeoutMs });
        const tookMs = (net.clockNs - began) / 1e6;
        assert.ok(tookMs >= patienceMs && tookMs < patienceMs + 100, `${tookMs} ms`);
        assert.equal(link.requests.length, 4 * 2);
      });
    }

    test('a silent host is sent its second request two seconds later, however fast others answer', () => {
      const { net, link } = lan(alive, onlyPresent);
      probe(net, block(FIRST[family], 16), searched);
      const absent = link.requests.filter(({ address }) => address === FIRST[family]);
      const gapMs = (absent[1]!.sentAtNs - absent[0]!.sentAtNs) / 1e6;
      assert.ok(gapMs >= 2000 && gapMs < 2100, `${gapMs} ms`);
    });

    test('hosts whose answers take up to the timeout are up', () => {
      for (const [afterMs, timeoutMs] of [
        [700, 500],
        [2500, 500],
        [4500, 5000],
      ] as const) {
        const { net } = lan(alive, () => [{ mac: MAC, afterMs }]);
        const { host: row } = probe(net, block(host), { ...searched, timeoutMs });
        assert.equal(row(host).reason, 'echo-reply', `${afterMs} ms`);
      }
    });

    test('silent hosts are sent a third request if another host answered only its second', () => {
      const { net, link } = lan(alive, (address, nth) =>
        address === host && nth === 1 ? [{ mac: MAC, afterMs: 1 }] : [],
      );
      const { host: row } = probe(net, block(FIRST[family], 16), searched);
      assert.equal(row(host).status, 'up');
      assert.equal(link.requests.length, 2 + 15 * 3);
    });

    test('a host is sent further requests if answers to both of its own may have been dropped', () => {
      const { net, link } = lan(alive, (_, nth) => {
        if (nth >= 2) return [{ mac: MAC, afterMs: 1 }];
        link.droppedPackets++;
        return [];
      });
      const { host: row } = probe(net, block(host), searched);
      assert.equal(row(host).reason, 'echo-reply');
      assert.equal(link.requests.length, 3);
    });

    test('hosts that hear nothing for as long as the kernel sends requests are up', () => {
      let nowMs = (): number => 0;
      const { net } = lan(alive, () => (nowMs() < 1990 ? [] : [{ mac: MAC, afterMs: 1 }]));
      const startNs = net.clockNs;
      nowMs = () => (net.clockNs - startNs) / 1e6;
      const { hosts } = probe(net, block(FIRST[family], 16), searched);
      assert.ok([...hosts.values()].every(({ status }) => status === 'up'));
    });

    test('without retries, a refused request is sent again, and the other hosts are final all the same', () => {
      const { net, link } = lan(alive, onlyPresent);
      let tries = 0;
      link.refuses = (address) => (address === host && tries++ === 0 ? 'ENETDOWN' : undefined);
      const { hosts } = probe(net, block(FIRST[family], 16), { ...searched, retries: 0 });
      assert.equal(hosts.size, 16);
      assert.equal(hosts.get(host)!.status, 'up');
      assert.equal(link.requests.length, 16);
    });

    test('one answer is enough, whichever request it answers', () => {
      const { net, link } = lan(alive, (_, nth) => (nth === 1 ? [{ mac: MAC, afterMs: 1 }] : []));
      const { host: row } = probe(net, block(host), searched);
      assert.equal(row(host).pattern, '!');
      assert.equal(link.requests.length, 2);
    });

    test('a host that answers for its address and to no ping is up', () => {
      const { net } = lan(silence, onlyPresent);
      const { host: row } = probe(net, block(host), searched);
      const { status, reason, pattern, mac } = row(host);
      assert.deepEqual(
        [status, reason, pattern, mac],
        ['up', PRESENCE[family], '...', '02:00:00:00:00:07'],
      );
      assert.equal(row(host).received, 0);
    });

    test('a host that answers for its address alone is up on the live map, without an RTT', () => {
      const { net } = lan(silence, onlyPresent);
      const liveCells = new Uint8Array(1);
      probe(net, block(host), { ...searched, liveCells });
      assert.equal(liveCells[0], cellCode('up', PRESENCE[family], null));
    });

    test('a host that answers after it was given up stays arp-failed, without a MAC address', () => {
      const late = family === 4 ? '198.51.100.6' : '2001:db8:1::6';
      const { net } = lan(silence, (address) => {
        if (address === late) return [{ mac: OTHER_MAC, afterMs: 6000 }];
        return address === host ? [{ mac: MAC, afterMs: 1 }] : [];
      });
      const { host: row } = probe(net, block(late, 2), { ...searched, timeoutMs: 5000 });
      assert.deepEqual([row(late).reason, row(late).mac], ['arp-failed', null]);
      assert.deepEqual([row(host).reason, row(host).mac], [PRESENCE[family], '02:00:00:00:00:07']);
    });

    test("the system's own table is read once, before the search", () => {
      const { net } = lan(silence, onlyPresent);
      let looks = 0;
      const watched = Object.assign(net, { visitNeighbours: () => looks++ });
      probe(watched, block(host), searched);
      assert.equal(looks, 1);
    });

    for (const [what, state, reason] of [
      ['is arp-failed', NEIGHBOUR.unconfirmed, 'arp-failed'],
      ['whose MAC address was configured is merely silent', NEIGHBOUR.permanent, 'no-response'],
    ] as const) {
      test(`a host of the system's table that answers nothing ${what}, without a MAC address`, () => {
        const { net } = lan(silence, () => []);
        const known = Object.assign(net, tableOf(family, host, state, MAC));
        const { host: row } = probe(known, block(host), searched);
        const { status, reason: found, mac } = row(host);
        assert.deepEqual([status, found, mac], ['down', reason, null]);
        assert.deepEqual(net.requests[0]!.mac, MAC);
      });
    }

    test("a host of the system's table is pinged at once, whether or not it answers ARP or NDP", () => {
      const { net } = lan(alive, () => []);
      const known = Object.assign(net, tableOf(family, host, NEIGHBOUR.permanent, MAC));
      const { host: row } = probe(known, block(host), searched);
      const { reason, pattern, mac } = row(host);
      assert.deepEqual([reason, pattern, mac], ['echo-reply', '!', '02:00:00:00:00:07']);
    });

    test("an entry of the system's table for another interface is not used", () => {
      const { net } = lan(alive, () => []);
      const known = Object.assign(net, tableOf(family, host, NEIGHBOUR.permanent, MAC));
      const { host: row } = probe(known, block(host), {
        ...searched,
        interfaceIndex: TABLE_INTERFACE + 1,
      });
      assert.deepEqual([row(host).reason, row(host).mac], ['arp-failed', null]);
    });

    test('a host that has moved to another MAC address is found there, and is no conflict', () => {
      const { net } = lan(
        (request) => (request.mac[5] === 8 ? [reply(request)] : []),
        () => [{ mac: OTHER_MAC, afterMs: 1 }],
      );
      const known = Object.assign(net, tableOf(family, host, NEIGHBOUR.unconfirmed, MAC));
      const { host: row, results } = probe(known, block(host), searched);
      assert.deepEqual([row(host).pattern, row(host).mac], ['.!', '02:00:00:00:00:08']);
      assert.deepEqual(results!.macConflicts, []);
    });

    test('two MAC addresses for one host are reported, and the first is kept', () => {
      const { net } = lan(alive, () => [
        { mac: MAC, afterMs: 1 },
        { mac: OTHER_MAC, afterMs: 2 },
        { mac: OTHER_MAC, afterMs: 3 },
      ]);
      const { results, host: row } = probe(net, block(host), searched);
      assert.equal(row(host).mac, '02:00:00:00:00:07');
      assert.deepEqual(results!.macConflicts, [
        { address: host, macs: ['02:00:00:00:00:07', '02:00:00:00:00:08'] },
      ]);
    });

    test('an answer before any request, or about a stranger, changes nothing', () => {
      const { net, link } = lan(alive, () => []);
      link.answer(host, MAC);
      link.answer(family === 4 ? '203.0.113.1' : '2001:db8:ffff::1', MAC, 5);
      const { host: row } = probe(net, block(host), searched);
      assert.equal(row(host).reason, 'arp-failed');
    });

    test('requests keep to the rate together with the pings', () => {
      const { net, link } = lan(alive, (address) =>
        (Number.parseInt(address.slice(-1), 16) || 0) % 2 === 0 ? [{ mac: MAC, afterMs: 1 }] : [],
      );
      const began = net.clockNs;
      probe(net, block(FIRST[family], 8), { ...searched, ratePps: 10 });
      const times = [...link.requests, ...net.requests].map(({ sentAtNs }) => sentAtNs).sort();
      assert.equal(times.length, 4 + 4 * 2 + 4);
      times.forEach((atNs, i) => {
        assert.ok(
          atNs - began >= i * 1e8 - 1e7,
          `packet ${i} left after ${(atNs - began) / 1e6} ms`,
        );
      });
    });

    test('first requests wait for second ones no longer than one at a time', () => {
      const { net, link } = lan(alive, () => []);
      const began = net.clockNs;
      probe(net, block(FIRST[family], 25), { ...searched, ratePps: 10 });
      const firsts = new Map<string, number>();
      for (const { address, sentAtNs } of link.requests)
        if (!firsts.has(address)) firsts.set(address, (sentAtNs - began) / 1e6);
      // Twenty leave before the first second one is due, the others in turns with these.
      assert.equal(firsts.size, 25);
      assert.ok(Math.max(...firsts.values()) <= 3_100, `${Math.max(...firsts.values())} ms`);
    });

    test('requests with a rate of their own leave the rate to the pings', () => {
      const { net, link } = lan(alive, () => [{ mac: MAC, afterMs: 1 }]);
      const began = net.clockNs;
      probe(net, block(FIRST[family], 8), { ...searched, ratePps: 10, requestRatePps: 1000 });
      const lastMs = (sent: readonly { readonly sentAtNs: number }[]): number =>
        Math.max(...sent.map(({ sentAtNs }) => sentAtNs - began)) / 1e6;
      assert.deepEqual([link.requests.length, net.requests.length], [8, 8]);
      assert.ok(lastMs(link.requests) < 20, `${lastMs(link.requests)} ms`);
      assert.ok(lastMs(net.requests) >= 690, `${lastMs(net.requests)} ms`);
    });

    test('a request that the system refuses is our failure, not the absence of a host', () => {
      const { net, link } = lan(alive, () => []);
      link.refuses = () => 'ENETDOWN';
      const { host: row } = probe(net, block(host), searched);
      const { status, reason, errno, pattern, sent } = row(host);
      assert.deepEqual(
        [status, reason, errno, pattern, sent],
        ['error', 'send-failed', 'ENETDOWN', 'EE', 0],
      );
    });

    test('with a count of pings a host is looked for twice, and pinged if it is there', () => {
      const { net, link } = lan(alive, onlyPresent);
      const probing = { ...searched, count: 5, retries: 0, periodMs: 100 };
      const { hosts } = probe(net, block(FIRST[family], 16), probing);
      assert.equal(hosts.get(host)!.pattern, '!!!!!');
      assert.equal(link.requests.length, 1 + 15 * 2);
    });
  });
}
