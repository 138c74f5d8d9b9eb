/** The memory that shows each probe of a sweep: what is written there, and how it is read. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { LiveReader } from '../../../../src/cli/fping/live-reader.ts';
import {
  LIVE_PROBE,
  makeLiveProbes,
  partOfLiveProbes,
  showProbe,
} from '../../../../src/results/live-probes.ts';

describe('a reader of live probes', () => {
  test('takes each end once, in order of time', () => {
    const live = makeLiveProbes(2, 2);
    const reader = new LiveReader(live);
    showProbe(live, 1, 0, LIVE_PROBE.reply, 20, 5);
    showProbe(live, 0, 0, LIVE_PROBE.silence, 10, Number.NaN);
    assert.deepEqual(
      reader.takeEnds().map(({ host, probe, state, atNs }) => [host, probe, state, atNs]),
      [
        [0, 0, LIVE_PROBE.silence, 10],
        [1, 0, LIVE_PROBE.reply, 20],
      ],
    );
    assert.deepEqual(reader.takeEnds(), []);
  });

  test('takes a later probe before an earlier one that is still open', () => {
    const live = makeLiveProbes(1, 3);
    const reader = new LiveReader(live);
    showProbe(live, 0, 1, LIVE_PROBE.reply, 20, 5);
    assert.deepEqual(
      reader.takeEnds().map(({ probe }) => probe),
      [1],
    );
    showProbe(live, 0, 0, LIVE_PROBE.reply, 30, 5);
    showProbe(live, 0, 2, LIVE_PROBE.unsent, 40, Number.NaN);
    assert.deepEqual(
      reader.takeEnds().map(({ probe }) => probe),
      [0, 2],
    );
  });
});

describe('live probes', () => {
  test('keep the first end of a probe, and none beyond the planned ones', () => {
    const live = makeLiveProbes(1, 1);
    showProbe(live, 0, 0, LIVE_PROBE.silence, 10, Number.NaN);
    showProbe(live, 0, 0, LIVE_PROBE.reply, 20, 5);
    showProbe(live, 0, 1, LIVE_PROBE.reply, 20, 5);
    assert.deepEqual([...live.states], [LIVE_PROBE.silence]);
  });

  test('of a block are part of those of the sweep', () => {
    const live = makeLiveProbes(4, 2);
    showProbe(partOfLiveProbes(live, 1, 2), 1, 0, LIVE_PROBE.reply, 20, 5);
    assert.equal(live.states.indexOf(LIVE_PROBE.reply), 4);
    assert.deepEqual([live.atNs[4], live.rttNs[4]], [20, 5]);
  });
});
