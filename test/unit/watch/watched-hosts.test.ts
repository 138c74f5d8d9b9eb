/** What rounds say about a host: counts, round-trip times, jitter and changes. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { sightingOf, WatchedHosts } from '../../../src/watch/watched-hosts.ts';
import { silentHost, upHost } from '../report/samples.ts';
import { atSecond, replied, silent, watched } from './samples.ts';

const A = '192.0.2.1';

/** The changes of one host that is up in the rounds marked `!` and silent in the others, as `down 3` and `up 7`. */
function changesOf(pattern: string, downAfter: number): string[] {
  const hosts = new WatchedHosts(1, downAfter);
  return [...pattern].flatMap((mark, i) =>
    hosts
      .addRound([mark === '!' ? replied(A, 1) : silent(A)], atSecond(i))
      .map(
        ({ isUp, at }) =>
          `${isUp ? 'up' : 'down'} ${(at.getTime() - atSecond(0).getTime()) / 1000}`,
      ),
  );
}

test('how long a host was down is not known if the clock was set back meanwhile', () => {
  const hosts = new WatchedHosts(1, 1);
  hosts.addRound([replied(A, 1)], atSecond(100));
  const [down] = hosts.addRound([silent(A)], atSecond(101));
  const [back] = hosts.addRound([replied(A, 1)], atSecond(1));
  assert.deepEqual([down?.isUp, back?.isUp, back?.lastedMs], [false, true, undefined]);
});

describe('counts and times', () => {
  test('add up over rounds, and a lost probe is a loss', () => {
    const [host] = watched([[replied(A, 3)], [silent(A)], [replied(A, 1)], [replied(A, 2)]]).all;
    assert.deepEqual(
      [host!.sent, host!.received, host!.lossPct, host!.rttMinMs, host!.rttMaxMs, host!.rttLastMs],
      [4, 3, 25, 1, 3, 2],
    );
    assert.ok(Math.abs(host!.rttMedianMs! - 2) < 0.03);
  });

  test('the last time is that of the last round, and none if it brought no reply', () => {
    const [host] = watched([[replied(A, 3)], [silent(A)]]).all;
    assert.equal(host!.rttLastMs, null);
    assert.equal(host!.rttMaxMs, 3);
  });

  test('jitter is the mean distance between the times of consecutive replies, also over a loss', () => {
    const [host] = watched([[replied(A, 1)], [replied(A, 4)], [silent(A)], [replied(A, 2)]]).all;
    assert.equal(host!.jitterMs, (3 + 2) / 2);
    assert.equal(watched([[replied(A, 1)]]).all[0]!.jitterMs, null);
  });

  test('several probes in one round count in their order', () => {
    const [host] = watched([[replied(A, 1, 2, 5)]]).all;
    assert.equal(host!.jitterMs, 2);
    assert.equal(host!.sent, 3);
  });

  test('quantiles are never outside of the shortest and the longest time', () => {
    const [host] = watched([[replied(A, 1.0001)], [replied(A, 1.0002)]]).all;
    assert.ok(host!.rttMedianMs! >= 1.0001 && host!.rttP95Ms! <= 1.0002);
  });

  test('a host that never replied has no times, and all loss', () => {
    const [host] = watched([[silent(A)], [silent(A)]]).all;
    assert.deepEqual(
      [host!.lossPct, host!.rttMinMs, host!.rttMedianMs, host!.rttP95Ms, host!.jitterMs],
      [100, null, null, null, null],
    );
  });

  test('what could not be sent is no loss', () => {
    const refused = { ...silent(A), status: 'error', reason: 'no-route', sent: 0 } as const;
    const [host] = watched([[refused]]).all;
    assert.deepEqual([host!.lossPct, host!.status], [null, 'error']);
  });
});

describe('changes', () => {
  test('a host is down after so many silent rounds, from the first of them on', () => {
    assert.deepEqual(changesOf('!!..!', 2), ['down 2', 'up 4']);
    assert.deepEqual(changesOf('!!..!', 3), []);
    assert.deepEqual(changesOf('!!...!', 3), ['down 2', 'up 5']);
    assert.deepEqual(changesOf('!.!', 1), ['down 1', 'up 2']);
  });

  test('a single loss is no change, and neither are two that are apart', () => {
    assert.deepEqual(changesOf('!.!!.!.!', 2), []);
  });

  test('the first rounds make no change of a host that is slow to appear', () => {
    assert.deepEqual(changesOf('.!!', 2), []);
    assert.deepEqual(changesOf('...!', 2), ['up 3']);
  });

  test('a host that missed fewer rounds than that is still up', () => {
    const hosts = watched([[replied(A, 1)], [silent(A)]]);
    assert.equal(hosts.all[0]!.status, 'up');
    hosts.addRound([silent(A)], atSecond(2));
    assert.equal(hosts.all[0]!.status, 'down');
  });

  test('a change knows its reason, and how long the time before it was', () => {
    const hosts = watched([[replied(A, 1)], [silent(A)], [silent(A)]]);
    const [change] = hosts.addRound([replied(A, 1)], atSecond(9));
    assert.deepEqual(
      [change!.isUp, change!.reason, change!.lastedMs, change!.host.changes],
      [true, 'echo-reply', 8000, 2],
    );
    assert.deepEqual(hosts.all[0]!.lastChangeAt, atSecond(9));
  });
});

describe('rows', () => {
  test('become sightings with the times that are known', () => {
    assert.deepEqual(sightingOf(upHost())?.rttsMs, [0.41249, 1044.0006]);
    assert.deepEqual(sightingOf(silentHost())?.rttsMs, []);
  });

  test('of names without an address are left out', () => {
    assert.equal(sightingOf(silentHost({ address: null })), undefined);
  });

  test('a name that is found later does not replace one that was given', () => {
    const hosts = watched([
      [{ ...replied(A, 1), hostname: 'given.example' }, replied('192.0.2.2', 1)],
    ]);
    hosts.nameHost(A, 'found.example');
    hosts.nameHost('192.0.2.2', 'found.example');
    hosts.nameHost('192.0.2.3', 'unknown.example');
    assert.deepEqual(
      hosts.all.map(({ hostname }) => hostname),
      ['given.example', 'found.example'],
    );
  });
});
