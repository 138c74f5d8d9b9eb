/** What is heard of agents over one connection. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AgentListener } from '../../../src/sites/agent-listener.ts';
import type { ConnectionState, DeliveredStatus } from '../../../src/sites/broker.ts';
import { encodeStatus } from '../../../src/sites/contract/agent-status.ts';

function listening() {
  let status: (delivered: DeliveredStatus) => void = () => {};
  let connection: (state: ConnectionState) => void = () => {};
  const clock = { nowMs: 1_000 };
  const listener = new AgentListener(
    {
      onStatus: (heard) => {
        status = heard;
        return () => {};
      },
      onConnection: (heard) => {
        connection = heard;
        return () => {};
      },
    },
    () => clock.nowMs,
  );
  return {
    listener,
    clock,
    connection: (state: ConnectionState) => connection(state),
    say: (octets: Uint8Array) => status({ site: 'berlin', agent: 'a1', octets }),
  };
}

const STATUS = {
  ...{ version: '0.1.0', oldestContract: 1, newestContract: 1, startedAtMs: 0, slots: 2 },
  ...{ chunks: [], unsent: 1, problem: null, memoryOctets: 1 },
};

test('an agent is heard with its clock beside ours; what is not a status is nothing', () => {
  const { listener, clock, say } = listening();
  clock.nowMs = 5_000;
  say(encodeStatus({ ...STATUS, nowMs: 8_500 }));
  say(Buffer.from('rubbish'));
  assert.deepEqual(listener.hearing(), {
    agents: [
      {
        ...{ site: 'berlin', agent: 'a1', version: '0.1.0', heardAt: new Date(5_000) },
        ...{ clockOffsetMs: 3_500, chunks: 0, unsent: 1, problem: null },
      },
    ],
    listened: { from: new Date(1_000), until: new Date(5_000) },
  });
});

test('listening ends with the connection, and begins again with it', () => {
  const { listener, clock, connection } = listening();
  connection({ isConnected: false, why: 'the cable' });
  assert.equal(listener.hearing().listened, undefined);
  clock.nowMs = 9_000;
  connection({ isConnected: true });
  clock.nowMs = 9_500;
  assert.deepEqual(listener.hearing().listened, { from: new Date(9_000), until: new Date(9_500) });
});

test('a clock that is set back makes no agent heard of later than now, and listening goes on', () => {
  const { listener, clock, connection, say } = listening();
  clock.nowMs = 1e12;
  connection({ isConnected: true });
  say(encodeStatus({ ...STATUS, nowMs: 5_000 }));
  clock.nowMs = 5_000;
  listener.hearing();
  clock.nowMs = 70_000;
  const { agents, listened } = listener.hearing();
  assert.deepEqual(agents[0]?.heardAt, new Date(5_000));
  assert.deepEqual(listened, { from: new Date(5_000), until: new Date(70_000) });
});
