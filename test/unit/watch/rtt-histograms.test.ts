/** Quantiles from histograms, held to those of the times themselves. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { RttHistograms } from '../../../src/watch/rtt-histograms.ts';

/** Half of a bucket, and what rounding adds. */
const TOLERANCE = 2 ** (0.5 / 32) + 1e-9;

test('a quantile is within 1.1 % of the time of that rank, whatever the times', () => {
  const rtt = fc.double({ min: 0.001, max: 600_000, noNaN: true });
  fc.assert(
    fc.property(
      fc.array(rtt, { minLength: 1, maxLength: 300, size: 'max' }),
      fc.constantFrom(0.01, 0.5, 0.95, 1),
      (rtts, share) => {
        const histograms = new RttHistograms(3);
        for (const each of rtts) histograms.add(1, each);
        const exact = [...rtts].sort((a, b) => a - b)[Math.ceil(share * rtts.length) - 1]!;
        const found = histograms.quantile(1, share, rtts.length);
        assert.ok(found / exact <= TOLERANCE && exact / found <= TOLERANCE, `${found} ${exact}`);
      },
    ),
  );
});

test('hosts do not see the times of others', () => {
  const histograms = new RttHistograms(200);
  for (let host = 0; host < 200; host += 2) {
    for (let i = 0; i < 20; i++) histograms.add(host, 1 + host * i);
  }
  assert.ok(Number.isNaN(histograms.quantile(1, 0.5, 0)));
  const median = histograms.quantile(0, 0.5, 20);
  assert.ok(Math.abs(median - 1) < 0.012, String(median));
});

test('times beyond the ends are in the first and the last bucket', () => {
  const histograms = new RttHistograms(2);
  histograms.add(0, 0);
  histograms.add(1, 1e9);
  assert.ok(histograms.quantile(0, 0.5, 1) < 0.0011);
  assert.ok(histograms.quantile(1, 0.5, 1) > 1e6);
});
