/** The whole of probing on Windows, through its echo requests as a script answers them. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { block } from '../../probe/probing.ts';
import { ProbedWindows, probeWindows } from './probing-windows.ts';
import { answer, type Fate, ScriptedIphlpapi, SILENCE } from './scripted-iphlpapi.ts';

const HOST = { 4: '198.51.100.7', 6: '2001:db8:1::7' } as const;
const ROUTER = { 4: '192.0.2.254', 6: '2001:db8::fe' } as const;
const OWN = { 4: '192.0.2.1', 6: '2001:db8::1' } as const;

for (const family of [4, 6] as const) {
  const host = HOST[family];

  describe(`IPv${family}`, () => {
    test('a host that answers is up, with its round-trip time', () => {
      const windows = new ScriptedIphlpapi(() => ({ afterMs: 12.5, status: 0, ttl: 57 }));
      const { host: row, counts } = probeWindows(windows, block(host));
      const { status, reason, sent, received, ttl, pattern, responder, rttMinMs } = row(host);
      assert.deepEqual(
        { status, reason, sent, received, ttl, pattern, responder },
        {
          status: 'up',
          reason: 'echo-reply',
          sent: 1,
          received: 1,
          // Windows does not tell the hop limit of an ICMPv6 reply.
          ttl: family === 4 ? 57 : null,
          pattern: '!',
          responder: null,
        },
      );
      assert.ok(Math.abs(rttMinMs! - 12.5) < 0.01, `${rttMinMs} ms`);
      assert.deepEqual([counts.sent, counts.received, counts.rejected], [1, 1, 0]);
      assert.equal(windows.requests.length, 1);
    });

    test('a reply from another address names the address that answered', () => {
      const windows = new ScriptedIphlpapi(() => ({ afterMs: 5, status: 0, from: ROUTER[family] }));
      const { host: row } = probeWindows(windows, block(host));
      assert.deepEqual([row(host).status, row(host).responder], ['up', ROUTER[family]]);
    });

    test('a reply whose payload is not that of the probe is no reply', () => {
      const spoilt = (payload: Uint8Array): Uint8Array => payload.map((octet) => octet ^ 1);
      const cut = (payload: Uint8Array): Uint8Array => payload.slice(0, 20);
      for (const change of family === 4 ? [spoilt, cut] : [spoilt]) {
        const windows = new ScriptedIphlpapi(({ payload }) => ({
          afterMs: 5,
          status: 0,
          payload: change(payload),
        }));
        const { host: row, counts } = probeWindows(windows, block(host));
        assert.equal(row(host).reason, 'no-response', change.name);
        assert.ok(counts.rejected > 0);
      }
    });

    test('silence costs the planned probes, and ends when they have timed out', () => {
      const windows = new ScriptedIphlpapi(() => SILENCE);
      const { host: row } = probeWindows(windows, block(host), { timeoutMs: 200, backoff: 1 });
      assert.deepEqual([row(host).status, row(host).pattern], ['down', '...']);
      assert.ok(windows.clockNs - 1e12 < 1.2e9, 'it waited longer than the timeouts');
    });

    test('a reply that Windows passes on after the timeout of the prober is late', () => {
      // Windows is not exact about its own timeouts, so success may come long after them.
      const windows = new ScriptedIphlpapi(() => answer(900));
      const probing = { timeoutMs: 200, backoff: 1, retries: 0 };
      const { host: row, counts } = probeWindows(windows, block(host, 2), probing);
      assert.equal(row(host).status, 'down');
      assert.equal(counts.received, 0);
    });

    test('a request that ends without a reply does not get the one of an earlier request', () => {
      const windows = new ScriptedIphlpapi(({ nth }) =>
        nth === 0
          ? { afterMs: 1, status: 11_005, from: ROUTER[family] }
          : { afterMs: 1, status: 0, isUnwritten: true },
      );
      const { host: row, counts } = probeWindows(windows, block(host));
      assert.deepEqual([row(host).pattern, counts.errors, counts.rejected], ['U..', 1, 0]);
    });

    test('an error from an own address means that nothing answered ARP or NDP', () => {
      const windows = new ScriptedIphlpapi(() => ({
        afterMs: 3000,
        status: 11_003,
        from: OWN[family],
      }));
      const { host: row } = probeWindows(windows, block(host), { reach: 'system' });
      const { status, reason, icmpType, responder } = row(host);
      assert.deepEqual([status, reason, icmpType, responder], ['down', 'arp-failed', null, null]);
    });

    test('what our own routes refuse is never called sent, at once or later', () => {
      const unspecified = family === 4 ? '0.0.0.0' : '::';
      const fates: readonly Fate[] = [
        { afterMs: 1, status: 11_050 },
        { afterMs: 1, status: 11_003, from: unspecified },
        { afterMs: 1, status: 11_002, from: unspecified },
        { error: 1231 },
        { error: 1232 },
        { error: 87 },
      ];
      for (const fate of fates) {
        const { host: row, counts } = probeWindows(new ScriptedIphlpapi(() => fate), block(host));
        const { status, reason, sent } = row(host);
        const said = JSON.stringify(fate);
        assert.deepEqual([status, reason, sent], ['error', 'no-route', 0], said);
        assert.equal(counts.sent, 0, said);
      }
    });

    test('a right that is missing is named', () => {
      const { host: row } = probeWindows(new ScriptedIphlpapi(() => ({ error: 5 })), block(host));
      assert.deepEqual(
        [row(host).status, row(host).reason, row(host).errno],
        ['error', 'permission-denied', 'EACCES'],
      );
    });

    test('an error without a name of ours is shown by its number', () => {
      const windows = new ScriptedIphlpapi(() => ({ afterMs: 1, status: 11_032 }));
      const { host: row } = probeWindows(windows, block(host));
      assert.deepEqual([row(host).reason, row(host).errno], ['send-failed', 'WIN11032']);
    });

    test('a system without room is asked again until it has some', () => {
      let refusals = 3;
      const windows = new ScriptedIphlpapi(() => (refusals-- > 0 ? { error: 1450 } : answer()));
      const { host: row, counts } = probeWindows(windows, block(host));
      assert.deepEqual([row(host).status, row(host).pattern], ['up', '!']);
      assert.equal(counts.sendWaits, 3);
    });

    test('hundreds of hosts are probed once each, with hundreds of requests under way', () => {
      const windows = new ScriptedIphlpapi(() => answer(300));
      const { hosts, counts } = probeWindows(windows, block(host, 1000));
      assert.equal(hosts.size, 1000);
      assert.equal([...hosts.values()].filter(({ status }) => status === 'up').length, 1000);
      assert.deepEqual([counts.sent, counts.received], [1000, 1000]);
      assert.ok(windows.mostUnderWay >= 500, `only ${windows.mostUnderWay} were under way`);
    });
  });
}

/** Windows' status, and what it means: reason, type, code (null if it stands for several). */
type Meaning = readonly [status: number, reason: string, type: number, code: number | null];

const ERRORS4: readonly Meaning[] = [
  [11_002, 'net-unreach', 3, null],
  [11_003, 'host-unreach', 3, null],
  [11_004, 'proto-unreach', 3, 2],
  [11_005, 'port-unreach', 3, 3],
  [11_007, 'parameter-problem', 12, null],
  [11_009, 'frag-needed', 3, 4],
  [11_012, 'source-route-failed', 3, 5],
  [11_013, 'time-exceeded', 11, 0],
  [11_014, 'reassembly-exceeded', 11, 1],
  [11_015, 'parameter-problem', 12, null],
];
const ERRORS6: readonly Meaning[] = [
  [11_002, 'no-route', 1, null],
  [11_003, 'address-unreach', 1, null],
  [11_004, 'admin-prohibited', 1, 1],
  [11_005, 'port-unreach', 1, 4],
  [11_009, 'packet-too-big', 2, 0],
  [11_013, 'time-exceeded', 3, 0],
  [11_014, 'reassembly-exceeded', 3, 1],
  [11_015, 'parameter-problem', 4, null],
  [11_040, 'address-unreach', 1, null],
  [11_041, 'time-exceeded', 3, null],
  [11_042, 'parameter-problem', 4, 0],
  [11_043, 'parameter-problem', 4, 1],
  [11_045, 'beyond-scope', 1, 2],
];

for (const [family, errors] of [
  [4, ERRORS4],
  [6, ERRORS6],
] as const) {
  test(`every ICMP error of IPv${family} has its reason, and a code only if Windows says which`, () => {
    for (const [status, reason, type, code] of errors) {
      const windows = new ScriptedIphlpapi(() => ({ afterMs: 4, status, from: ROUTER[family] }));
      const row = probeWindows(windows, block(HOST[family])).host(HOST[family]);
      assert.deepEqual(
        [row.status, row.reason, row.icmpType, row.icmpCode, row.responder],
        ['unreachable', reason, type, code, ROUTER[family]],
        String(status),
      );
    }
  });
}

test('what Windows is asked for is what the options say', () => {
  const windows = new ScriptedIphlpapi(() => answer());
  probeWindows(windows, block(HOST[4]), {
    options: { ttl: 9, dontFragment: true, payloadBytes: 24 },
  });
  const { options, payload, source, replyOctets, timeoutMs } = windows.requests[0]!;
  assert.deepEqual(
    { options, payloadOctets: payload.length, source, timeoutMs },
    { options: { ttl: 9, flags: 2 }, payloadOctets: 24, source: '0.0.0.0', timeoutMs: 3200 },
  );
  assert.ok(replyOctets >= 40 + 24 + 8 + 16, 'Windows refuses a buffer that is too short');
});

test('options that nobody asked for are left to the system', () => {
  const windows = new ScriptedIphlpapi(() => answer());
  probeWindows(windows, block(HOST[4]));
  assert.equal(windows.requests[0]!.options, undefined);
});

test('don’t fragment without a TTL leaves with the TTL that Windows itself has', () => {
  const windows = new ScriptedIphlpapi(() => answer());
  probeWindows(windows, block(HOST[4]), { options: { dontFragment: true } });
  assert.deepEqual(windows.requests[0]!.options, { ttl: 128, flags: 2 });
});

test('requests leave from the address that was chosen', () => {
  for (const [target, source] of [
    ['127.0.0.9', '127.0.0.1'],
    ['::1', '::1'],
  ] as const) {
    const windows = new ScriptedIphlpapi(() => answer());
    const options = source === '::1' ? { source6: source } : { source4: source };
    probeWindows(windows, block(target), { options });
    assert.equal(windows.requests[0]!.source, source);
  }
});

test('a link-local host is probed in its zone', () => {
  const windows = new ScriptedIphlpapi(() => answer());
  const { host } = probeWindows(windows, block('fe80::7'), { scopeId: 12 });
  assert.equal(host('fe80::7').status, 'up');
  assert.deepEqual(
    windows.requests.map(({ address, scopeId }) => [address, scopeId]),
    [['fe80::7', 12]],
  );
});

describe('round-trip times', () => {
  test('a reply that waits for a thread that is held up is not slower for it', () => {
    const windows = new ScriptedIphlpapi(() => answer(7));
    let isHeldUp = false;
    const { host } = probeWindows(windows, block(HOST[4]), {
      afterStep: () => {
        if (windows.requests.length > 0 && !isHeldUp) windows.clockNs += 80e6;
        isHeldUp = windows.requests.length > 0;
      },
    });
    // Windows' own time is in whole milliseconds.
    assert.equal(host(HOST[4]).rttMinMs, 7.5);
  });

  test('replies keep the order and the times in which they came', () => {
    const count = 20;
    const windows = new ScriptedIphlpapi(({ address }) =>
      answer(2 * (count - Number(address.split('.')[3]))),
    );
    const { hosts } = probeWindows(windows, block('198.51.100.0', count));
    for (const { address, rttMinMs } of hosts.values()) {
      const expected = 2 * (count - Number(address!.split('.')[3]));
      assert.ok(Math.abs(rttMinMs! - expected) < 0.01, `${address}: ${rttMinMs} ms`);
    }
  });
});

describe('a sweep that is stopped or loses a thread', () => {
  const silent = (): typeof SILENCE => SILENCE;

  test('is over at once, and its memory stays until Windows no longer writes to it', () => {
    const windows = new ScriptedIphlpapi(silent);
    const network = ProbedWindows.open(windows, 4);
    const { addressView, addressStride } = network.sockets[0]!.tx;
    for (let slot = 0; slot < 3; slot++)
      addressView.setUint32(slot * addressStride, 0xc6336401 + slot);
    assert.equal(network.sockets[0]!.send(0, 3), 3);
    network.handles.close(network.handle);
    assert.equal(windows.openCount, 0);
    // Writing to memory that is gone throws.
    windows.sleepEx(3_300, 1);
    assert.equal(windows.underWayCount, 0);
    assert.equal(windows.memoryCount, 1);
    const next = network.handles.open(4, { ...OPTIONS_OF_NEXT });
    assert.equal(windows.memoryCount, 2, 'the memory was freed too soon');
    windows.sleepEx(20_000, 0);
    network.handles.open(4, { ...OPTIONS_OF_NEXT });
    assert.equal(windows.memoryCount, 2, 'the memory is never freed');
    network.handles.close(next);
  });

  test('leaves alone what a dead thread has under way, and gets it back in the end', () => {
    const windows = new ScriptedIphlpapi(silent);
    const dead = ProbedWindows.open(windows, 4);
    const socket = dead.sockets[0]!;
    const room = socket.room;
    const { addressView, addressStride } = socket.tx;
    for (let slot = 0; slot < 5; slot++)
      addressView.setUint32(slot * addressStride, 0xc6336401 + slot);
    socket.send(0, 5);
    windows.killThread();
    const heir = dead.takenOver().sockets[0]!;
    assert.equal(heir.room, room - 5);
    windows.script = () => answer(1);
    heir.tx.addressView.setUint32(0, 0xc6336463);
    heir.send(0, 1);
    windows.sleepEx(5_000, 1);
    assert.equal(heir.receive(), 1);
    windows.sleepEx(20_000, 0);
    assert.equal(heir.room, room);
  });

  test('waits for its last requests before its routines go', () => {
    const windows = new ScriptedIphlpapi(silent);
    const network = ProbedWindows.open(windows, 4);
    network.sockets[0]!.tx.addressView.setUint32(0, 0xc6336401);
    network.sockets[0]!.send(0, 1);
    network.close();
    assert.equal(windows.underWayCount, 0);
  });
});

const OPTIONS_OF_NEXT = { payloadBytes: 56, longestTimeoutMs: 3_200, dontFragment: false };
