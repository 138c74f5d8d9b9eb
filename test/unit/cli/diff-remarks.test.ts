/** Hosts that `echosweep diff` does not compare, because a report cannot know whether they were there. */

import assert from 'node:assert/strict';
import { appendFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { runJson } from '../../../src/report/json-lines.ts';
import { NMAP_XML } from '../../../src/report/nmap-xml.ts';
import type { RunRecord } from '../../../src/results/run-record.ts';
import { readCsv } from '../report/read-csv.ts';
import { runOf, settingsOf, silentHost, textOf, upHost } from '../report/samples.ts';
import { diff, FOLDER, jsonLines, latest, NEW, old, report } from './diff-run.ts';

/** Our own XML: hosts that answered, and one that did not. */
function xml(name: string, up: readonly string[], silent: string, run: Partial<RunRecord>): string {
  const writer = NMAP_XML.rows(settingsOf());
  const hosts = [...up.map((address) => upHost({ address })), silentHost({ address: silent })];
  const path = join(FOLDER, name);
  writeFileSync(path, writer.begin(runOf()) + textOf(writer, hosts) + writer.end(runOf(run)));
  return path;
}

describe('diff', () => {
  test('does not call a host gone whose name did not resolve', async () => {
    const names = report('names.csv', [...NEW, `,a.example,error,name-unresolved,,,`].slice(1));
    const { code, stdout, stderr } = await diff(old, names, '--only', 'gone');
    assert.equal(code, 0);
    assert.doesNotMatch(stdout, /10\.0\.0\.1,/);
    assert.match(stdout, /10\.0\.0\.6,/);
    assert.match(stderr, /1 not compared/);
  });

  test('hosts that could not be asked are told apart, and columns that one report lacks', async () => {
    const error = report('error.csv', ['10.0.0.1,error,no-route'], 'address,status,reason');
    const { stdout, stderr } = await diff(old, error, '--only', 'reason-changed');
    assert.equal(stdout.split('\n').length, 2);
    assert.match(stderr, /note: 1 not compared because the newest sweep could not probe them\n/);
    assert.match(stderr, /note: not every report has hostname, rtt_avg_ms, mac, so nothing/);
  });

  test('hosts that a stopped sweep did not reach are neither gone nor new', async () => {
    const stopped = jsonLines('stopped.jsonl', NEW.slice(0, 4));
    appendFileSync(stopped, `${runJson('end', runOf({ partial: true }))}\n`);
    const reached = await diff(old, stopped, '--only', 'gone');
    assert.match(reached.stdout, /^address.*\n10\.0\.0\.2,,gone,.*\n$/);
    assert.match(
      reached.stderr,
      /\nnote: 2 not compared because a sweep was stopped before it reached them\n/,
    );
    const later = await diff(stopped, old, '--only', 'new,back');
    assert.match(later.stdout, /^address.*\n10\.0\.0\.2,,new,.*\n$/);
    assert.match(later.stderr, /\nnote: 2 not compared because a sweep was stopped/);
    const between = await diff(old, stopped, latest);
    assert.match(between.stdout, /^address.*\n10\.0\.0\.5,,slower,.*\n$/);
  });

  test('hosts that a killed sweep did not reach are neither gone nor new', async () => {
    const killed = jsonLines('killed.jsonl', NEW.slice(0, 4));
    appendFileSync(killed, `${runJson('start', runOf({ endedAt: null }))}\n`);
    const reached = await diff(old, killed, '--only', 'gone');
    assert.match(reached.stdout, /^address.*\n10\.0\.0\.2,,gone,.*\n$/);
    assert.match(reached.stderr, /\nnote: 2 not compared because a sweep was stopped before/);
    const later = await diff(killed, old, '--only', 'new,back');
    assert.match(later.stdout, /^address.*\n10\.0\.0\.2,,new,.*\n$/);
  });

  test('hosts that a stopped sweep did not reach are neither gone nor new in our XML', async () => {
    const stopped = xml('stopped.xml', ['10.0.0.1'], '10.0.0.2', { partial: true });
    const reached = await diff(old, stopped, '--only', 'gone');
    assert.match(reached.stdout, /^address.*\n10\.0\.0\.2,,gone,.*\n$/);
    assert.match(reached.stderr, /\nnote: 2 not compared because a sweep was stopped before/);
    const whole = xml('whole.xml', ['10.0.0.1'], '10.0.0.2', {});
    const gone = await diff(old, whole, '--only', 'gone', '--columns', 'address');
    assert.equal(gone.stdout, 'address\n10.0.0.2\n10.0.0.5\n10.0.0.6\n');
  });

  test('hosts that did not answer a sweep that doubts itself are not gone in its XML', async () => {
    const doubts = ['the gateway was silent; sweep again'];
    const doubted = xml('doubted.xml', ['10.0.0.1'], '10.0.0.2', { doubts });
    const { stdout, stderr } = await diff(old, doubted, '--only', 'gone', '--columns', 'address');
    assert.equal(stdout, 'address\n10.0.0.5\n10.0.0.6\n');
    assert.match(stderr, /\nnote: 1 not compared because a sweep doubts that they were silent\n/);
    assert.ok(stderr.endsWith(`\nnote: ${doubted}: ${doubts[0]}\n`), stderr);
  });

  test('says how many hosts are gone for want of a row only if it shows hosts that are gone', async () => {
    const note = /note: 1 gone because the newest report has no row/;
    assert.match((await diff(old, latest, '--only', 'new,gone')).stderr, note);
    assert.equal((await diff(old, latest, '--only', 'new')).stderr, '1 change: new 1\n');
  });

  test('hosts that did not answer a sweep that doubts itself are neither gone nor new', async () => {
    const doubted = jsonLines('doubted.jsonl', NEW);
    const doubts = ['the gateway was silent; sweep again', 'a second doubt'];
    appendFileSync(doubted, `${runJson('end', runOf({ doubts }))}\n`);
    const newest = await diff(old, doubted);
    const certain = readCsv((await diff(old, jsonLines('certain.jsonl', NEW), '-q')).stdout);
    const ofSilent = certain.filter(([address]) => /^10\.0\.0\.[24]$/.test(address!));
    assert.deepEqual(
      ofSilent.map(([, , change]) => change),
      ['gone', 'reason-changed'],
    );
    const others = certain.filter((row) => !ofSilent.includes(row));
    assert.deepEqual(readCsv(newest.stdout), others);
    const note = 'note: 2 not compared because a sweep doubts that they were silent';
    assert.ok(newest.stderr.endsWith(`${note}\nnote: ${doubted}: ${doubts[0]}\n`), newest.stderr);
    const earlier = await diff(doubted, old, '-q', '--only', 'new,back');
    assert.doesNotMatch(earlier.stdout, /^10\.0\.0\.2,/m);
  });

  test('a doubt in a report cannot write to the terminal', async () => {
    const doubted = jsonLines('hostile.jsonl', NEW);
    appendFileSync(doubted, `${runJson('end', runOf({ doubts: ['\u001b]0;title\u0007a\nb'] }))}\n`);
    const { stderr } = await diff(old, doubted);
    assert.ok(stderr.endsWith(`\nnote: ${doubted}: \uFFFD]0;title\uFFFDa\uFFFDb\n`), stderr);
  });
});
