/** What the kernel's tables hold, and whether they are whole: what is missing must not pass for what there is not. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attributesIn, isWholeTable } from '../../../../src/host-network/linux/netlink.ts';
import { leadsElsewhere } from '../../../../src/host-network/linux/policy-rules.ts';

const [ERROR, DONE, RULE] = [2, 3, 32];
const INTERRUPTED = 0x10;

/** struct nlmsghdr, then a status, or as much data as a rule has. */
function message(type: number, { flags = 0, status = 0 } = {}): Buffer {
  const octets = Buffer.alloc(type === DONE ? 20 : 28);
  octets.writeUInt32LE(octets.length, 0);
  octets.writeUInt16LE(type, 4);
  octets.writeUInt16LE(flags, 6);
  octets.writeInt32LE(status, 16);
  return octets;
}

const part = (...messages: readonly Buffer[]): DataView =>
  new DataView(Uint8Array.from(Buffer.concat(messages)).buffer);

test('a table is whole if its end says so', () => {
  assert.ok(isWholeTable([part(message(DONE))]));
  assert.ok(isWholeTable([part(message(RULE)), part(message(RULE), message(DONE))]));
  assert.ok(isWholeTable([part(message(RULE)), part(message(DONE))]));
});

test('a table is not whole without its end, if it changed, or if the kernel gave up', () => {
  assert.ok(!isWholeTable([]));
  assert.ok(!isWholeTable([part(message(RULE))]));
  assert.ok(!isWholeTable([part(message(ERROR, { status: -1 }))]));
  assert.ok(!isWholeTable([part(message(RULE), message(DONE, { status: -12 }))]));
  const changed = message(RULE, { flags: INTERRUPTED });
  assert.ok(!isWholeTable([part(changed, message(DONE))]));
  const cut = Buffer.concat([message(RULE), message(DONE)]).subarray(0, 44);
  assert.ok(!isWholeTable([part(cut)]));
  const endless = message(RULE);
  endless.writeUInt32LE(0, 0);
  assert.ok(!isWholeTable([part(endless, message(DONE))]));
});

test('rules that cannot be read may lead elsewhere', () => {
  const rule = message(RULE);
  rule.writeUInt8(254, 20);
  assert.ok(!leadsElsewhere({ parts: [part(rule)], isWhole: true }));
  assert.ok(leadsElsewhere({ parts: [part(rule)], isWhole: false }));
  rule.writeUInt8(100, 20);
  assert.ok(leadsElsewhere({ parts: [part(rule)], isWhole: true }));
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
});
