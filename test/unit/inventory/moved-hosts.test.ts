/** A host that answers at another address of its network is told as a move, if its MAC address leaves no doubt. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { hostHistories, listHosts } from '../../../src/inventory/host-list.ts';
import type { ScannedHost } from '../../../src/inventory/host-writer.ts';
import { networkStatus } from '../../../src/inventory/network-status.ts';
import { type ScanRecord, writeScan } from '../../../src/inventory/scan-writer.ts';
import type { Store } from '../../../src/inventory/store.ts';
import { hourOf, RULES, recordOf, silentAt, upAt, withStore } from './samples.ts';

const [A, B, C] = ['192.0.2.1', '192.0.2.2', '192.0.2.3'] as const;
const MAC = '00:00:5e:00:53:01';
const OTHER_MAC = '00:00:5e:00:53:02';
const RANDOM_MAC = '02:00:00:00:00:01';
const OTHER_RANDOM_MAC = 'da:a1:19:00:00:02';

/** What one scan finds: the MAC address at each address that answers, or more of it; null if it is silent; the others are not probed. */
type Finding = Readonly<Record<string, string | Partial<ScannedHost> | null>>;

/** The changes of each scan after the first, and the store. */
function changesOf(
  findings: readonly (Finding | readonly [Finding, Partial<ScanRecord>])[],
  look: (store: Store) => void = () => {},
  missesUntilGone = RULES.missesUntilGone,
): Promise<string[][]> {
  const rules = { ...RULES, missesUntilGone };
  return withStore((store) => {
    const changes = findings.map((given, scan) => {
      const [finding, values] = Array.isArray(given) ? given : [given, {}];
      const hosts = Object.entries(finding as Finding).map(([address, found]) =>
        found === null
          ? silentAt(address, scan)
          : upAt(address, scan, typeof found === 'string' ? { mac: found } : found),
      );
      const record = recordOf(scan, values as Partial<ScanRecord>);
      const written = writeScan(store, { network: 'office', record, hosts, rules });
      return written.changes.map(({ address, kind, before, after }) =>
        kind === 'moved' ? `moved ${before} ${after}` : `${address} ${kind}`,
      );
    });
    look(store);
    return changes.slice(1);
  });
}

test('one change, at once, and none when the old address would have been called gone', async () => {
  const changes = await changesOf(
    [
      { [A]: MAC, [B]: null },
      { [A]: null, [B]: MAC },
      { [A]: null, [B]: MAC },
      { [A]: null, [B]: MAC },
    ],
    (store) => {
      assert.deepEqual(
        listHosts(store, {}).map(({ address, state }) => `${address} ${state}`),
        [`${A} gone`, `${B} up`],
      );
      assert.equal(networkStatus(store, 'office', hourOf(4)).newHosts, 0);
      for (const address of [A, B]) {
        const [history] = hostHistories(store, upAt(address, 0).key, hourOf(0));
        assert.deepEqual(
          history!.changes.map(({ kind, before, after }) => [kind, before, after]),
          [['moved', A, B]],
          address,
        );
      }
    },
  );
  assert.deepEqual(changes, [[`moved ${A} ${B}`], [], []]);
});

test('there and back again is two moves', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: MAC, [B]: null },
      { [A]: null, [B]: MAC },
      { [A]: MAC, [B]: null },
    ]),
    [[`moved ${A} ${B}`], [`moved ${B} ${A}`]],
  );
});

test('a host that was gone for a while before has moved as well', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: MAC, [B]: null },
      { [A]: null, [B]: null },
      { [A]: null, [B]: null },
      { [A]: null, [B]: MAC },
    ]),
    [[], [`${A} gone`], [`moved ${A} ${B}`]],
  );
});

test('a host that moves just when its old address would be gone has moved, and nothing is gone', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: MAC, [B]: null },
      { [A]: null, [B]: null },
      { [A]: null, [B]: MAC },
    ]),
    [[], [`moved ${A} ${B}`]],
  );
});

test('a host that moves again leaves its latest address, even if another host now has an earlier one', async () => {
  for (const [atA, others] of [
    [null, []],
    [OTHER_MAC, [`${A} back`, `${A} mac-changed`]],
  ] as const) {
    const changes = await changesOf([
      { [A]: MAC, [B]: null, [C]: null },
      { [A]: null, [B]: MAC, [C]: null },
      { [A]: atA, [B]: null, [C]: MAC },
    ]);
    assert.deepEqual(changes, [[`moved ${A} ${B}`], [...others, `moved ${B} ${C}`]]);
  }
});

test('a host that is back where it was last is back', async () => {
  const changes = await changesOf([
    { [A]: MAC, [B]: null },
    { [A]: null, [B]: MAC },
    { [A]: null, [B]: null },
    { [A]: null, [B]: null },
    { [A]: null, [B]: MAC },
  ]);
  assert.deepEqual(changes.at(-1), [`${B} back`]);
});

test('a host that was flapping before it moved has moved once', async () => {
  const [atA, away, atB]: Finding[] = [
    { [A]: MAC, [B]: null },
    { [A]: null, [B]: null },
    { [A]: null, [B]: MAC },
  ];
  const turn = [away, away, atA];
  const settled = Array.from({ length: 20 }, () => atB);
  const changes = await changesOf([atA, ...turn, ...turn, atB, ...settled]);
  assert.deepEqual(changes.slice(5).flat(), [`${A} flapping`, `moved ${A} ${B}`]);
});

test('a host that goes to and fro between two addresses is flapping as soon as it was gone twice', async () => {
  for (const missesUntilGone of [1, RULES.missesUntilGone]) {
    const findings = Array.from({ length: 5 }, (_, scan) =>
      scan % 2 === 0 ? { [A]: MAC, [B]: null } : { [A]: null, [B]: MAC },
    );
    const changes = await changesOf(findings, undefined, missesUntilGone);
    assert.deepEqual(
      changes.map(([first]) => first),
      [`moved ${A} ${B}`, `moved ${B} ${A}`, `moved ${A} ${B}`, `${A} flapping`],
    );
  }
});

test('a host whose old address another one has taken has moved', async () => {
  assert.deepEqual(
    await changesOf(
      [
        { [A]: MAC, [B]: null },
        { [A]: OTHER_MAC, [B]: MAC },
      ],
      (store) => {
        assert.deepEqual(
          listHosts(store, {}).map(({ address, state }) => `${address} ${state}`),
          [`${A} up`, `${B} up`],
        );
      },
    ),
    [[`${A} mac-changed`, `moved ${A} ${B}`]],
  );
});

test('a host that takes the address of another has moved', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: MAC, [B]: OTHER_MAC },
      { [A]: null, [B]: MAC },
      { [A]: null, [B]: MAC },
    ]),
    [[`moved ${A} ${B}`, `${B} mac-changed`], []],
  );
});

test('a host that brings its name to the address of another has moved', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: { mac: MAC, hostname: 'laptop' }, [B]: { mac: OTHER_MAC, hostname: 'printer' } },
      { [A]: null, [B]: { mac: MAC, hostname: 'laptop' } },
    ]),
    [[`moved ${A} ${B}`, `${B} name-changed`, `${B} mac-changed`]],
  );
});

test('what an unreliable scan found is a move once the old address is gone', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: MAC, [B]: null },
      [{ [A]: null, [B]: MAC }, { doubts: ['drops'] }],
      { [A]: null, [B]: MAC },
      { [A]: null, [B]: MAC },
    ]),
    [[`${B} new`], [], [`moved ${A} ${B}`]],
  );
});

test('changes are in the order of addresses, however a move was found', async () => {
  const changes = await changesOf([
    { [A]: null, [B]: MAC, [C]: null },
    [{ [A]: MAC, [B]: null, [C]: null }, { doubts: ['drops'] }],
    { [A]: MAC, [B]: null, [C]: null },
    { [A]: MAC, [B]: null, [C]: OTHER_MAC },
  ]);
  assert.deepEqual(changes, [[`${A} new`], [], [`moved ${B} ${A}`, `${C} new`]]);
});

test('a host that keeps its random MAC address has moved', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: RANDOM_MAC, [B]: null },
      { [A]: null, [B]: RANDOM_MAC },
      { [A]: null, [B]: RANDOM_MAC },
    ]),
    [[`moved ${A} ${B}`], []],
  );
});

test('a host with another random MAC address is never taken for one that left', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: RANDOM_MAC, [B]: null },
      { [A]: null, [B]: OTHER_RANDOM_MAC },
      { [A]: null, [B]: OTHER_RANDOM_MAC },
    ]),
    [[`${B} new`], [`${A} gone`]],
  );
});

test('a MAC address of a group, or of no device, identifies nobody', async () => {
  for (const mac of ['01:00:5e:00:00:01', '00:00:00:00:00:00']) {
    assert.deepEqual(
      await changesOf([
        { [A]: mac, [B]: null },
        { [A]: null, [B]: mac },
        { [A]: null, [B]: mac },
      ]),
      [[`${B} new`], [`${A} gone`]],
    );
  }
});

test('a host that has several addresses has not moved when it gets or loses one', async () => {
  assert.deepEqual(
    await changesOf([
      { [A]: MAC, [B]: null, [C]: null },
      { [A]: MAC, [B]: MAC, [C]: null },
      { [A]: null, [B]: MAC, [C]: MAC },
      { [A]: null, [B]: MAC, [C]: MAC },
      { [A]: null, [B]: MAC, [C]: null },
      { [A]: null, [B]: MAC, [C]: null },
    ]),
    [[`${B} new`], [`${C} new`], [`${A} gone`], [], [`${C} gone`]],
  );
});

test('a host whose old address the scan did not reach is new', async () => {
  assert.deepEqual(await changesOf([{ [A]: MAC, [B]: null }, [{ [B]: MAC }, { partial: true }]]), [
    [`${B} new`],
  ]);
});
