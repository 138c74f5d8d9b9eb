/** What the kernel's tables hold, and whether they are whole: what is missing must not pass for what there is not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  attributeAt,
  attributesIn,
  dumpOf,
  errorOf,
  isWholeTable,
  messagesIn,
} from '../../../../src/host-network/linux/netlink.ts';
import { leadsElsewhere } from '../../../../src/host-network/linux/policy-rules.ts';
import { attribute, message as messageOf, partOf, uint32 } from './netlink-messages.ts';

const [ERROR, DONE, RULE] = [2, 3, 32];
const INTERRUPTED = 0x10;

/** A status, or as much data as a rule has. */
function message(type: number, { flags = 0, status = 0 } = {}): Buffer {
  const body = Buffer.alloc(type === DONE ? 4 : 12);
  body.writeInt32LE(status);
  const octets = messageOf(type, body);
  octets.writeUInt16LE(flags, 6);
  return octets;
}

test('a table is whole if its end says so', () => {
  assert.ok(isWholeTable([partOf(message(DONE))]));
  assert.ok(isWholeTable([partOf(message(RULE)), partOf(message(RULE), message(DONE))]));
  assert.ok(isWholeTable([partOf(message(RULE)), partOf(message(DONE))]));
  assert.ok(isWholeTable([partOf(messageOf(RULE), message(DONE))]), 'a message without a body');
});

test('a table is not whole without its end, if it changed, or if the kernel gave up', () => {
  assert.ok(!isWholeTable([]));
  assert.ok(!isWholeTable([partOf(message(RULE))]));
  assert.ok(!isWholeTable([partOf(message(ERROR, { status: -1 }))]));
  assert.ok(!isWholeTable([partOf(message(RULE), message(DONE, { status: -12 }))]));
  const changed = message(RULE, { flags: INTERRUPTED });
  assert.ok(!isWholeTable([partOf(changed, message(DONE))]));
  const cut = Buffer.concat([message(RULE), message(DONE)]).subarray(0, 44);
  assert.ok(!isWholeTable([partOf(cut)]));
  // An end without a status.
  assert.ok(!isWholeTable([partOf(messageOf(DONE))]));
  const short = message(DONE);
  short.writeUInt32LE(16, 0);
  assert.ok(!isWholeTable([partOf(short)]));
  const endless = message(RULE);
  endless.writeUInt32LE(0, 0);
  assert.ok(!isWholeTable([partOf(endless, message(DONE))]));
});

test('a table that changes while it is read is read again, three times at most', () => {
  const changed = [partOf(message(RULE, { flags: INTERRUPTED }), message(DONE))];
  const whole = [partOf(message(RULE), message(DONE))];
  const readOf = (answers: DataView[][]): [boolean, DataView[][]] => [
    dumpOf(() => answers.shift()!).isWhole,
    answers,
  ];
  assert.deepEqual(readOf([whole, changed]), [true, [changed]]);
  assert.deepEqual(readOf([changed, changed, whole]), [true, []]);
  assert.deepEqual(readOf([changed, changed, changed, whole]), [false, [whole]]);
  assert.deepEqual(readOf([[], whole]), [false, [whole]], 'the kernel does not answer');
  assert.deepEqual(dumpOf(() => changed).parts, changed);
});

test('a table that the kernel refuses has its errno, and others have none', () => {
  const refusal = partOf(message(ERROR, { status: -22 }));
  assert.equal(errorOf({ parts: [refusal], isWhole: false }), 22);
  assert.equal(errorOf({ parts: [], isWhole: false }), 0);
  assert.equal(errorOf({ parts: [partOf(message(RULE, { status: -22 }))], isWhole: false }), 0);
  const cut = partOf(message(ERROR, { status: -22 }).subarray(0, 19));
  assert.equal(errorOf({ parts: [cut], isWhole: false }), 0);
});

test('the messages of a type are read up to the first that is not one', () => {
  const odd = Buffer.concat([messageOf(RULE, Buffer.alloc(13)), Buffer.alloc(3)]);
  const all = partOf(odd, message(RULE), message(ERROR), message(RULE));
  assert.deepEqual(
    [...messagesIn(all, RULE, 12)],
    [
      { at: 16, end: 29 },
      { at: 48, end: 60 },
    ],
  );
  for (const length of [0, 15, 27, 0x8000_0000, 0xffff_ffff]) {
    const lying = message(RULE);
    lying.writeUInt32LE(length, 0);
    const found = [...messagesIn(partOf(message(RULE), lying, message(RULE)), RULE, 12)];
    assert.deepEqual(found, [{ at: 16, end: 28 }], `${length}`);
  }
});

test('an attribute is found by type and size, behind others of any size', () => {
  const list = Buffer.concat([
    attribute(7, Buffer.alloc(1)),
    attribute(9, uint32(1).subarray(0, 2)),
    attribute(8, uint32(2)),
    attribute(9, uint32(3)),
  ]);
  const part = partOf(list);
  assert.equal(attributeAt(part, 0, list.length, 9, 4), 28);
  assert.equal(attributeAt(part, 0, list.length, 9, 2), 12);
  assert.equal(attributeAt(part, 0, list.length, 7, 4), -1);
  assert.equal(attributeAt(part, 0, list.length - 1, 9, 4), -1);
  assert.equal(attributeAt(partOf(Buffer.alloc(8)), 0, 8, 0, 4), -1);
  const empty = attribute(7, Buffer.alloc(0));
  assert.equal(attributeAt(partOf(empty, attribute(9, uint32(3)), empty), 0, 16, 9, 4), 8);
  assert.equal(attributeAt(partOf(empty), 0, 4, 7, 0), 4);
});

test('rules that cannot be read may lead elsewhere', () => {
  const rule = message(RULE);
  rule.writeUInt8(254, 20);
  assert.ok(!leadsElsewhere({ parts: [partOf(rule)], isWhole: true }));
  assert.ok(leadsElsewhere({ parts: [partOf(rule)], isWhole: false }));
  rule.writeUInt8(100, 20);
  assert.ok(leadsElsewhere({ parts: [partOf(rule)], isWhole: true }));
});

test('an attribute without data does not hide those after it; a truncated one is left out', () => {
  const attributes = Buffer.from([4, 0, 9, 0, 5, 0, 3, 0, 7, 0, 0, 0, 9, 0, 1, 0, 8, 0]);
  const list = new DataView(Uint8Array.from(attributes).buffer);
  assert.deepEqual(
    [...attributesIn(list, 0, list.byteLength)],
    [
      { type: 9, at: 4, end: 4 },
      { type: 3, at: 8, end: 9 },
    ],
  );
  assert.deepEqual([...attributesIn(list, 0, 4)], [{ type: 9, at: 4, end: 4 }]);
  assert.deepEqual([...attributesIn(partOf(Buffer.alloc(8)), 0, 8)], []);
});

test('the table of a rule is that of its attribute, where a large number has room', () => {
  // struct fib_rule_hdr, whose table at 4 is then RT_TABLE_COMPAT; FRA_TABLE.
  const ruleTo = (compatible: number, table: number): DataView => {
    const fixed = Buffer.alloc(12);
    fixed[4] = compatible;
    return partOf(messageOf(RULE, fixed, attribute(15, uint32(table))));
  };
  assert.ok(leadsElsewhere({ parts: [ruleTo(252, 51_820)], isWhole: true }));
  assert.ok(leadsElsewhere({ parts: [ruleTo(254, 254 << 8)], isWhole: true }));
  for (const usual of [253, 254, 255])
    assert.ok(!leadsElsewhere({ parts: [ruleTo(usual, usual)], isWhole: true }), `${usual}`);
  const parts = [ruleTo(254, 254), ruleTo(252, 1000)];
  assert.ok(leadsElsewhere({ parts, isWhole: true }), 'in any part');
  // Rules that refuse, or that leave the table to the interface, have none.
  for (const other of [0, 252])
    assert.ok(leadsElsewhere({ parts: [ruleTo(other, other)], isWhole: true }), `${other}`);
});
