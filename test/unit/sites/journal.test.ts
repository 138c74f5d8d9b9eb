/** The journal: every chunk once, one batch for each, and nothing lost when the process ends at any moment. */

import assert from 'node:assert/strict';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import {
  databaseFailed,
  hasNoRoom,
  IN_MEMORY,
  openDatabase,
} from '../../../src/inventory/database.ts';
import { chunksOf } from '../../../src/sites/chunk-plan.ts';
import { Journal, MOST_REFUSALS } from '../../../src/sites/journal.ts';
import type { JournalChunk, ScanPlan } from '../../../src/sites/journal-tables.ts';
import { assertPrivate } from '../file-mode.ts';

const NOW = new Date('2026-03-04T05:00:00Z');
const LATER = new Date('2026-03-04T06:00:00Z');
const BATCH = {
  ...{ messageName: 's1', place: 'berlin', agent: 'a1', up: 3, sent: 9, received: 4 },
  receivedAt: NOW,
};
const ZONED = {
  family: 6,
  zone: 'eth0',
  first: 0xfe80n << 112n,
  last: (0xfe80n << 112n) + 9n,
} as const;
const PLAIN = { family: 4, zone: '', first: 0x0a000000n, last: 0x0a000009n } as const;

function plan(values: Partial<ScanPlan> = {}): ScanPlan {
  return {
    id: 's1',
    command: 'echosweep 10.0.0.0/28',
    sites: ['berlin', 'paris'],
    isSpread: false,
    facts: { seed: 7 },
    createdAt: NOW,
    deadline: LATER,
    ...values,
  };
}

/** Three chunks for each site. */
async function begun(path = IN_MEMORY): Promise<Journal> {
  const journal = await Journal.open(path);
  journal.begin(plan(), chunksOf([PLAIN, ZONED], 5));
  return journal;
}

/** As after five results that were refused. */
function giveUp(journal: Journal, chunk: JournalChunk): void {
  for (let refusal = 0; refusal < MOST_REFUSALS; refusal++) {
    journal.markOffered(chunk, 'berlin', NOW);
    journal.refuse(chunk, true);
  }
  assert.equal(journal.find(chunk)!.state, 'given-up');
}

describe('the plan of chunks', () => {
  test('has every address once, in order, and no chunk of more hosts or of two kinds', () => {
    const lengths = fc.array(
      fc.record({ gap: fc.bigInt(1n, 9n), length: fc.bigInt(1n, 40n), is6: fc.boolean() }),
      { minLength: 1, maxLength: 30, size: 'max' },
    );
    fc.assert(
      fc.property(lengths, fc.integer({ min: 1, max: 50 }), (steps, most) => {
        const ranges = ([4, 6] as const).flatMap((family) => {
          let at = 0n;
          return steps
            .filter(({ is6 }) => is6 === (family === 6))
            .map(({ gap, length }) => {
              const first = at + gap;
              at = first + length;
              return { family, zone: '', first, last: at - 1n };
            });
        });
        const chunks = [...chunksOf(ranges, most)];
        const addresses = (some: typeof ranges) =>
          some.flatMap(({ family, first, last }) =>
            Array.from(
              { length: Number(last - first) + 1 },
              (_, i) => `${family} ${first + BigInt(i)}`,
            ),
          );
        assert.deepEqual(
          addresses(chunks.flatMap((chunk) => [...chunk.ranges])),
          addresses(ranges),
        );
        for (const { ranges: own, count } of chunks) {
          assert.ok(count >= 1 && count <= most);
          assert.equal(addresses([...own]).length, count);
          assert.equal(new Set(own.map(({ family }) => family)).size, 1);
        }
      }),
    );
  });
});

describe('the journal', () => {
  test('gives a sweep and its chunks back as they were written', async () => {
    const journal = await begun();
    const scan = journal.scan('s1')!;
    assert.deepEqual(
      { ...scan },
      { ...plan(), state: 'running', messageName: 's1', seenAt: NOW, hosts: 40, done: 0 },
    );
    assert.deepEqual(
      journal
        .waiting('s1', 'paris', 9)
        .map(({ number, count, ranges }) => ({ number, count, ranges })),
      [...chunksOf([PLAIN, ZONED], 5)].map((chunk, number) => ({ number, ...chunk })),
    );
    assert.equal(journal.scan('s2'), undefined);
  });

  test('that has a damaged row, or was cut short, is said to be damaged and not to lack room', async () => {
    const isDamaged = (error: Error): boolean => {
      assert.match(error.message, /malformed.*\): put a copy in its place/);
      return !hasNoRoom(error);
    };
    const path = join(mkdtempSync(join(tmpdir(), 'echosweep-test-')), 'damaged.db');
    const damaged = await begun(path);
    const database = await openDatabase(path, 0);
    database.exec("UPDATE chunk SET ranges = '[4,'");
    database.close();
    assert.throws(() => damaged.find({ scan: 's1', site: 'berlin', number: 0 }), isDamaged);
    damaged.close();
    // SQLITE_IOERR_SHORT_READ, as each of the two libraries reports it.
    for (const code of [{ errcode: 522 }, { rawCode: 522 }]) {
      const cause = Object.assign(new Error('disk I/O error'), code);
      assert.ok(isDamaged(databaseFailed(path, cause)));
    }
  });

  test('keeps the first batch of a chunk and no other', async () => {
    const journal = await begun();
    const id = { scan: 's1', site: 'berlin', number: 1 };
    assert.equal(journal.keep(id, { ...BATCH, octets: Uint8Array.of(1, 2) }), true);
    assert.equal(journal.keep(id, { ...BATCH, octets: Uint8Array.of(3) }), false);
    const [, second] = journal.batches('s1');
    assert.deepEqual(Uint8Array.from(second!.batch!.octets), Uint8Array.of(1, 2));
    assert.equal(second!.batch!.agent, 'a1');
    assert.deepEqual(second!.batch!.receivedAt, NOW);
  });

  test('takes a batch of a chunk that waits again, or was given up', async () => {
    const journal = await begun();
    const [chunk] = journal.waiting('s1', 'berlin', 1);
    journal.markOffered(chunk!, 'berlin', NOW);
    journal.takeBack(chunk!);
    assert.equal(journal.keep(chunk!, { ...BATCH, octets: Uint8Array.of(1) }), true);
    const [next] = journal.waiting('s1', 'berlin', 1);
    giveUp(journal, next!);
    assert.equal(journal.keep(next!, { ...BATCH, octets: Uint8Array.of(1) }), true);
  });

  test('never takes back what is done', async () => {
    const journal = await begun();
    const [chunk] = journal.waiting('s1', 'berlin', 1);
    journal.markOffered(chunk!, 'berlin', NOW);
    journal.keep(chunk!, { ...BATCH, octets: Uint8Array.of(1) });
    journal.takeBack(chunk!);
    journal.refuse(chunk!, true);
    assert.equal(journal.takeAllBack('s1'), 0);
    assert.equal(journal.find(chunk!)!.state, 'done');
  });

  test('offers a refused chunk again four times, and then gives it up', async () => {
    const journal = await begun();
    const [chunk] = journal.waiting('s1', 'berlin', 1);
    for (let time = 1; time <= 5; time++) {
      journal.markOffered(chunk!, 'berlin', NOW);
      journal.refuse(chunk!, true);
      assert.equal(journal.find(chunk!)!.state, time < 5 ? 'waiting' : 'given-up');
    }
  });

  test('gives no chunk up that another agent may sweep', async () => {
    const journal = await begun();
    const [chunk] = journal.waiting('s1', 'berlin', 1);
    for (let time = 1; time <= 9; time++) {
      journal.markOffered(chunk!, 'berlin', NOW);
      journal.refuse(chunk!, time === 9);
      assert.equal(journal.find(chunk!)!.state, time < 9 ? 'waiting' : 'given-up');
    }
  });

  test('knows what is out, where, and since when', async () => {
    const journal = await Journal.open(IN_MEMORY);
    journal.begin(plan({ isSpread: true }), chunksOf([PLAIN], 2));
    const [first, second] = journal.waiting('s1', '', 2);
    journal.markOffered(first!, 'berlin', NOW);
    journal.markOffered(second!, 'paris', LATER);
    assert.deepEqual([...journal.offeredAt('s1', 'berlin')], [[0, 2]]);
    const out = (now: Date, ms: number) =>
      journal.outFor('s1', ms, now).map(({ number }) => number);
    assert.deepEqual(out(LATER, 1000), [0]);
    // The clock was set back since.
    assert.deepEqual(out(NOW, 1000), [1]);
    journal.markOfferedAgain(first!, LATER);
    assert.deepEqual(out(LATER, 1000), []);
    journal.takeBack(second!);
    assert.deepEqual([...journal.offeredAt('s1', 'paris')], []);
    assert.equal(journal.chunksLeft('s1'), 5);
  });

  test('says how far each site is', async () => {
    const journal = await begun();
    journal.keep({ scan: 's1', site: 'berlin', number: 0 }, { ...BATCH, octets: Uint8Array.of(1) });
    journal.keep({ scan: 's1', site: 'berlin', number: 1 }, { ...BATCH, octets: Uint8Array.of(1) });
    const [berlin, paris] = journal.progress('s1');
    assert.deepEqual(berlin, {
      ...{ site: 'berlin', hosts: 20, done: 10, givenUp: 0, up: 6, sent: 18, received: 8 },
      chunksLeft: 2,
    });
    assert.equal(paris!.chunksLeft, 4);
  });

  test('notes who waits for a sweep, and that it was stopped', async () => {
    const journal = await begun();
    assert.equal(journal.touch('s1', LATER), 'running');
    assert.deepEqual(journal.scan('s1')!.seenAt, LATER);
    journal.setState('s1', 'stopped');
    assert.equal(journal.touch('s1', LATER), 'stopped');
    assert.equal(journal.touch('s2', LATER), undefined);
  });

  test('goes on where it was, and forgets on request', async () => {
    const folder = mkdtempSync(join(tmpdir(), 'echosweep-journal-'));
    const path = join(folder, 'journal.db');
    const first = await begun(path);
    const [chunk] = first.waiting('s1', 'berlin', 1);
    first.markOffered(chunk!, 'berlin', NOW);
    first.keep(chunk!, { ...BATCH, octets: Uint8Array.of(1) });
    giveUp(first, first.waiting('s1', 'berlin', 1)[0]!);
    first.setState('s1', 'stopped');
    first.close();
    assertPrivate(path);
    const second = await Journal.open(path);
    assert.equal(second.resume('s1', LATER, LATER), true);
    assert.equal(second.waiting('s1', 'berlin', 9).length, 3);
    assert.equal(second.scan('s1')!.done, 5);
    assert.equal(second.forget('s1'), true);
    assert.equal(second.scans().length, 0);
    assert.equal(second.resume('s1', LATER, LATER), false);
    assert.equal([...second.batches('s1')].length, 0);
    second.close();
  });

  test('takes over a file of schema 1, where a batch is as old as its sweep was seen last', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'echosweep-journal-')), 'journal.db');
    const id = { scan: 's1', site: 'berlin', number: 0 };
    const first = await begun(path);
    first.keep(id, { ...BATCH, octets: Uint8Array.of(1) });
    first.touch('s1', LATER);
    first.close();
    const database = await openDatabase(path, 0);
    database.exec('ALTER TABLE chunk DROP COLUMN received_at; PRAGMA user_version = 1');
    database.close();
    for (const _ of ['changed', 'opened again']) {
      const journal = await Journal.open(path);
      assert.deepEqual(journal.batch(id)!.batch!.receivedAt, LATER);
      journal.close();
    }
  });

  test('refuses the file of a later version', async () => {
    const path = join(mkdtempSync(join(tmpdir(), 'echosweep-journal-')), 'journal.db');
    const database = await openDatabase(path, 0);
    database.exec('PRAGMA user_version = 9');
    database.close();
    await assert.rejects(Journal.open(path), {
      code: 'INVENTORY_FAILED',
      message: /later version/,
    });
  });
});
