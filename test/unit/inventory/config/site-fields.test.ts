/** Sites of a configuration: their fields, and a year of their quiet hours without a clock. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  isOpenAt,
  openUntil,
  type SiteConfig,
} from '../../../../src/inventory/config/site-fields.ts';
import { configOf } from './config-texts.ts';

const NETWORKS = 'networks: { lan: { targets: 192.0.2.0/29, site: berlin } }';
const QUARTER_MS = 15 * 60_000;
const DAYS = 365;

function siteOf(fields: string, more = ''): SiteConfig {
  return configOf(`sites: { berlin: { ${fields} } }\n${more}\n${NETWORKS}`).sites[0]!;
}

describe('a site', () => {
  test('that is listed scans the networks that name it', () => {
    const { networks, sites, hub } = configOf(
      `hub: /srv/hub\nsites: { berlin: { slots: 4, rate: 500, deadline: 1800 } }\n${NETWORKS}`,
    );
    assert.deepEqual(sites, [
      { name: 'berlin', slots: 4, ratePps: 500, quiet: [], deadlineMs: 1_800_000 },
    ]);
    assert.equal(networks[0]!.atSite, sites[0]);
    assert.equal(hub, '/srv/hub');
  });

  test('that is not listed is a label', () => {
    const [network] = configOf(`sites: { paris: {} }\n${NETWORKS}`).networks;
    assert.deepEqual([network!.site, network!.atSite], ['berlin', undefined]);
  });

  test('has a name that can be a part of a subject', () => {
    assert.throws(
      () => configOf(`sites: { "ber.lin": {} }\n${NETWORKS}`),
      /c\.yaml, line 1: sites\.ber\.lin is not a valid site name/,
    );
  });

  test('has quiet hours that begin at a time of day', () => {
    assert.throws(() => siteOf('quiet: { from: "24:00", to: "06:00" }'), /is not a time of day/);
  });
});

describe('quiet hours over a year', () => {
  const inBerlin = new Intl.DateTimeFormat('en-GB', {
    timeZone: 'Europe/Berlin',
    weekday: 'short',
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
  });

  /** Every quarter of an hour of 2026. */
  function* quarters(): Generator<Date> {
    const start = Date.UTC(2026, 0, 1);
    for (let ms = start; ms < start + DAYS * 86_400_000; ms += QUARTER_MS) yield new Date(ms);
  }

  test('are those of the clock on the wall, through both changes of daylight saving', () => {
    const site = siteOf(
      'quiet: { from: "09:00", to: "12:00", days: [mon, tue, wed, thu, fri] }, time-zone: Europe/Berlin',
      'time-zone: UTC',
    );
    let quiet = 0;
    for (const now of quarters()) {
      const [, day = '', hour] = /^(\w+),? (\d\d)/.exec(inBerlin.format(now)) ?? [];
      const isQuiet = !['Sat', 'Sun'].includes(day) && Number(hour) >= 9 && Number(hour) < 12;
      assert.equal(isOpenAt(site, now), !isQuiet, now.toISOString());
      if (isQuiet) quiet++;
    }
    // 261 weekdays of three hours.
    assert.equal(quiet, 261 * 12);
  });

  test('end what a site is offered when they begin', () => {
    const site = siteOf('quiet: { from: "22:00", to: "06:00" }, time-zone: Europe/Berlin');
    let wanted: Date | undefined;
    // From its end backwards, every open quarter leads to the first quiet one after it.
    for (const now of [...quarters()].reverse()) {
      if (!isOpenAt(site, now)) {
        assert.deepEqual(openUntil(site, now), now);
        wanted = now;
      } else if (wanted !== undefined && now.getUTCHours() % 6 === 0 && now.getUTCMinutes() === 0) {
        assert.deepEqual(openUntil(site, now), wanted, now.toISOString());
      }
    }
  });

  test('begin again if the clock is set back to before them', () => {
    const site = siteOf('quiet: { from: "02:30", to: "04:00" }, time-zone: Europe/Berlin');
    // On 2026-10-25 from 03:00 to 02:00, and on 2026-03-29 from 02:00 to 03:00.
    for (const [moment, end] of [
      ['2026-10-24T23:00:00Z', '2026-10-25T00:30:00.000Z'],
      ['2026-10-25T01:10:00Z', '2026-10-25T01:30:00.000Z'],
      ['2026-10-25T03:00:00Z', '2026-10-26T01:30:00.000Z'],
      ['2026-03-29T00:00:00Z', '2026-03-29T01:00:00.000Z'],
    ] as const) {
      assert.equal(openUntil(site, new Date(moment))?.toISOString(), end);
    }
  });

  test('are none unless they are configured', () => {
    assert.equal(openUntil(siteOf('slots: 1'), new Date(0)), undefined);
  });
});
