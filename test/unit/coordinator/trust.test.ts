/** From when on a run is doubtful, and in which words. */

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { doubtsAbout, notesAbout, type RunFacts } from '../../../src/coordinator/trust.ts';
import { prepareSharedState, SharedState } from '../../../src/probe/shared-state.ts';
import type { CanaryRecord, CanarySilence } from '../../../src/results/run-record.ts';

const NO_COUNTS = new SharedState(
  prepareSharedState({ ratePps: 1, neighbourCap: 1, nowNs: 0 }),
).counts();

function factsOf(
  values: Partial<Omit<RunFacts, 'counts'>> & { counts?: Partial<RunFacts['counts']> } = {},
): RunFacts {
  return {
    clock: 'kernel',
    worstDelayMs: 3,
    canary: null,
    lostInterfaces: [],
    lostAddresses: [],
    silentHosts: 10,
    macConflicts: [],
    sendFailures: new Map(),
    proxies: [],
    lostGateways: [],
    hiddenHosts: 0,
    unansweredNames: 0,
    broadcasts: [],
    tcpFailures: new Map(),
    sameAnswers: [],
    withoutCarrier: [],
    ...values,
    counts: { ...NO_COUNTS, ...values.counts },
  };
}

const SILENCE: CanarySilence = {
  from: new Date('2026-03-04T05:06:07.089Z'),
  to: new Date('2026-03-04T05:06:11.500Z'),
  hosts: 812,
  answered: 0,
};
const canaryOf = (values: Partial<CanaryRecord> = {}): CanaryRecord => ({
  address: '192.0.2.254',
  choice: 'gateway',
  sent: 20,
  received: 20,
  silences: [],
  ...values,
});

test('a run without trouble has neither doubts nor notes', () => {
  const canary = canaryOf();
  assert.deepEqual([doubtsAbout(factsOf({ canary })), notesAbout(factsOf({ canary }))], [[], []]);
});

test('hosts whose name servers did not answer are noted', () => {
  assert.deepEqual(notesAbout(factsOf({ unansweredNames: 1200 })), [
    'name servers did not answer for 1,200 hosts, whose names may be missing; --rdns-timeout waits longer for slow ones',
  ]);
});

test('subnets in which nearly all hosts answer TCP connections alike are noted together', () => {
  const sameAnswers = Array.from({ length: 10 }, (_, i) => ({
    subnet: `198.51.${i}.0/24`,
    answer: 'open' as const,
    port: 443,
  }));
  const refusing = { subnet: '192.0.2.0/24', answer: 'refused', port: 22 } as const;
  const notes = notesAbout(factsOf({ sameAnswers: [...sameAnswers, refusing] }));
  assert.equal(notes.length, 2);
  assert.match(
    notes[0]!,
    /^nearly all hosts of 198\.51\.0\.0\/24, .*198\.51\.7\.0\/24 and 2 more subnets that do not reply accept TCP connections to port 443: /,
  );
  assert.match(
    notes[1]!,
    /^nearly all hosts of 192\.0\.2\.0\/24 that do not reply refuse .* port 22: /,
  );
});

test('TCP connections that this system could not try are noted with its reason', () => {
  const tcpFailures = new Map([['EMFILE', 12]]);
  assert.deepEqual(notesAbout(factsOf({ tcpFailures })), [
    '12 TCP connections could not be tried: EMFILE, this process has too many files open',
  ]);
});

test('with kernel times no delay is a doubt, and a long one is told', () => {
  const facts = factsOf({ worstDelayMs: 1503 });
  assert.deepEqual(doubtsAbout(facts), []);
  assert.match(notesAbout(facts).join(), /^the process was held up for 1\.5 s at worst; .*kernel/);
  assert.equal(notesAbout(factsOf({ worstDelayMs: 100 })).length, 1);
  assert.deepEqual(notesAbout(factsOf({ worstDelayMs: 99 })), []);
});

test('where replies are as late as their reading, a quarter of a second is a doubt; a ping bears a second', () => {
  for (const [clock, limitMs, what] of [
    ['process', 250, /round-trip times may be too long/],
    ['ping', 1000, /a `ping` that was about to answer may have been ended/],
  ] as const) {
    assert.deepEqual(doubtsAbout(factsOf({ clock, worstDelayMs: limitMs - 1 })), []);
    assert.equal(notesAbout(factsOf({ clock, worstDelayMs: limitMs - 1 })).length, 1);
    const doubts = doubtsAbout(factsOf({ clock, worstDelayMs: limitMs }));
    assert.equal(doubts.length, 1);
    assert.match(doubts[0]!, what);
    assert.deepEqual(notesAbout(factsOf({ clock, worstDelayMs: limitMs })), []);
  }
});

test('hosts that may not have been heard are a doubt, and what kept us from hearing them is named', () => {
  const [dropped] = doubtsAbout(factsOf({ counts: { doubtful: 2, dropped: 9 } }));
  assert.match(dropped!, /^2 hosts may have answered .* sockets dropped 9 packets; lower --rate/);
  const [lost] = doubtsAbout(factsOf({ counts: { doubtful: 3, retriedUp: 40 } }));
  assert.match(
    lost!,
    /^3 hosts may have answered .* 40 hosts answered only a retry, so packets get lost on the path; .* lower --rate$/,
  );
  const [heldUp] = doubtsAbout(factsOf({ counts: { doubtful: 1 }, worstDelayMs: 4000 }));
  assert.match(heldUp!, /^1 host may have answered .* held up again and again, for 4\.0 s/);
});

test('packets that our own sockets dropped are a note once all their hosts were probed again', () => {
  assert.deepEqual(notesAbout(factsOf({ counts: { dropped: 9 } })), [
    'our own sockets dropped 9 packets; the rate came down and the hosts were probed again',
  ]);
  assert.deepEqual(notesAbout(factsOf({ counts: { dropped: 9, doubtful: 2 } })), []);
});

test('loss on the path is a note if the rate came down for it and hosts answered only a retry', () => {
  const notes = (lossSlowDowns: number, retriedUp: number): string[] =>
    notesAbout(factsOf({ counts: { lossSlowDowns, retriedUp } }));
  assert.deepEqual(notes(1, 40), [
    'packets get lost on the path: 40 hosts answered only a retry; the rate was lowered and silent hosts were probed again',
  ]);
  assert.deepEqual([notes(0, 40), notes(1, 0)], [[], []]);
});

test('replies that come late in great number are a doubt, a few are not', () => {
  const doubts = (lateToSilent: number, silentHosts: number): string[] =>
    doubtsAbout(factsOf({ counts: { lateToSilent }, silentHosts }));
  assert.match(
    doubts(9, 12).join(),
    /^9 replies came after the last timeout of a host .* --timeout/,
  );
  assert.deepEqual([doubts(8, 12), doubts(650, 65_000)], [[], []]);
  assert.equal(doubts(651, 65_000).length, 1);
  const explained = factsOf({ counts: { lateToSilent: 99 }, lostInterfaces: ['eth0'] });
  assert.match(doubtsAbout(explained).join('\n'), /^eth0 was down for a while[^\n]*$/);
});

test('how long probes waited for buffers is told', () => {
  const counts = { sendWaits: 3, sendWaitNs: 41_400_000 };
  assert.deepEqual(notesAbout(factsOf({ counts })), [
    'the system was out of buffers 3 times; the probes waited 41 ms in all and were sent',
  ]);
});

test('a lost interface is a doubt where somebody did not answer', () => {
  const lostInterfaces = ['eth0'];
  assert.match(doubtsAbout(factsOf({ lostInterfaces })).join(), /^eth0 was down for a while/);
  assert.deepEqual(doubtsAbout(factsOf({ lostInterfaces, silentHosts: 0 })), []);
});

test('what this host lost during the sweep is one doubt, and the canary is not a second one', () => {
  const canary = canaryOf({ received: 16, silences: [SILENCE] });
  const lostAddresses = ['192.0.2.1'];
  assert.deepEqual(doubtsAbout(factsOf({ canary, lostAddresses, counts: { routesLost: 3 } })), [
    'this host was without its address 192.0.2.1: hosts that were probed meanwhile may be up; sweep again',
  ]);
  assert.deepEqual(doubtsAbout(factsOf({ counts: { routesLost: 1 } })), []);
  assert.deepEqual(doubtsAbout(factsOf({ canary, counts: { routesLost: 3 } })), [
    'this host lost routes to the targets during the sweep: hosts that were probed meanwhile may be up; sweep again',
  ]);
  const silentHosts = 0;
  assert.deepEqual(doubtsAbout(factsOf({ lostAddresses, silentHosts })), []);
});

test('hosts that are silent to a part of their probes, the others having been refused, are a doubt', () => {
  const [doubt] = doubtsAbout(factsOf({ counts: { partlyRefused: 2 } }));
  assert.match(doubt!, /^2 hosts may have answered .* refused probes now and then/);
});

test('refusals that were overcome are a note, unless a doubt names them already', () => {
  const notes = (counts: Partial<RunFacts['counts']>): string[] =>
    notesAbout(factsOf({ counts: { refusalsOvercome: 3, ...counts } }));
  assert.match(notes({}).join(), /^the system refused probes .*; 3 probes left at a later try$/);
  for (const counts of [{ doubtful: 1 }, { partlyRefused: 1 }, { routesLost: 2 }])
    assert.deepEqual(notes(counts), []);
});

test('probes that an interface refused while it was down are told of that alone', () => {
  const counts = { refusalsOvercome: 3, partlyRefused: 2 };
  const facts = factsOf({ counts, lostInterfaces: ['eth0'] });
  assert.match(doubtsAbout(facts).join('\n'), /^eth0 was down for a while: [^\n]+$/);
  assert.deepEqual(
    notesAbout(factsOf({ counts: { refusalsOvercome: 3 }, lostInterfaces: ['eth0'] })),
    [],
  );
});

test('hosts that macOS hides are a doubt that names the error', () => {
  assert.match(
    doubtsAbout(factsOf({ hiddenHosts: 2 })).join(),
    /^macOS refused to send to 2 hosts of local networks \(EHOSTUNREACH\)/,
  );
});

test('a canary that fell silent while hosts were asked is a doubt that says when and how many', () => {
  const facts = factsOf({ canary: canaryOf({ received: 16, silences: [SILENCE] }) });
  assert.deepEqual(doubtsAbout(facts), [
    'the gateway 192.0.2.254 did not answer from 05:06:07.0 to 05:06:11.5 UTC: the uplink may have been down, and with it 812 hosts probed meanwhile; sweep again',
  ]);
});

test('a gateway that was silent while hosts behind it answered was busy: a note, but a doubt where it was named', () => {
  const silences = [{ ...SILENCE, answered: 40 }];
  const gateway = factsOf({ canary: canaryOf({ received: 16, silences }) });
  assert.deepEqual(doubtsAbout(gateway), []);
  assert.match(notesAbout(gateway).join(), /did not answer from .* while 40 hosts did$/);
  const named = factsOf({ canary: canaryOf({ choice: 'named', received: 16, silences }) });
  assert.equal(doubtsAbout(named).length, 1);
});

test('a silence that concerns nobody is a note', () => {
  const silences = [{ ...SILENCE, hosts: 0 }];
  const facts = factsOf({ canary: canaryOf({ choice: 'named', received: 16, silences }) });
  assert.deepEqual(doubtsAbout(facts), []);
  assert.deepEqual(notesAbout(facts), [
    'the canary 192.0.2.254 did not answer from 05:06:07.0 to 05:06:11.5 UTC, when no host was waited for',
  ]);
});

test('who never answers says nothing if it is the gateway, and casts doubt if it was named', () => {
  const gateway = factsOf({ canary: canaryOf({ sent: 5, received: 0, silences: [SILENCE] }) });
  assert.deepEqual(doubtsAbout(gateway), []);
  assert.match(notesAbout(gateway).join(), /does not answer pings.* --canary$/);
  const named = canaryOf({ choice: 'named', sent: 2, received: 0, silences: [SILENCE] });
  assert.match(doubtsAbout(factsOf({ canary: named })).join(), /answered none of 2 probes/);
  assert.deepEqual(notesAbout(factsOf({ canary: named })), []);
});

test('a canary to which no probe left, or one alone, says nothing', () => {
  for (const choice of ['gateway', 'named'] as const) {
    const canary = canaryOf({ choice, sent: choice === 'named' ? 1 : 0, received: 0 });
    assert.deepEqual(doubtsAbout(factsOf({ canary })), []);
    assert.deepEqual(notesAbout(factsOf({ canary })), []);
  }
});

test('why sending failed is noted in words, most frequent first', () => {
  const sendFailures = new Map([
    ['EXOTIC', 1],
    ['EMSGSIZE', 2],
  ]);
  assert.deepEqual(notesAbout(factsOf({ sendFailures })), [
    'send-failed: EMSGSIZE, message too long for the interface (2 hosts)',
    'send-failed: EXOTIC (1 host)',
  ]);
});

test('of what may come in great number, a run notes the first: eight conflicts, five reasons for failed sending', () => {
  const macs = ['00:00:5e:00:53:01', '00:00:5e:00:53:02'] as const;
  const macConflicts = Array.from({ length: 9 }, (_, i) => ({ address: `192.0.2.${i}`, macs }));
  const conflicts = notesAbout(factsOf({ macConflicts }));
  assert.equal(conflicts.length, 8);
  assert.equal(
    conflicts[7],
    'two MAC addresses answer for 192.0.2.7: 00:00:5e:00:53:01 and 00:00:5e:00:53:02: two hosts may use it',
  );
  const sendFailures = new Map(Array.from({ length: 6 }, (_, i) => [`E${i}`, i + 1]));
  const failures = notesAbout(factsOf({ sendFailures }));
  assert.deepEqual(
    [failures.length, failures[0], failures[4]],
    [5, 'send-failed: E5 (6 hosts)', 'send-failed: E1 (2 hosts)'],
  );
});

test('an interface without a carrier is one doubt that names it, unless every host answered', () => {
  const withoutCarrier = ['eth7'];
  const facts = factsOf({ withoutCarrier, lostAddresses: ['192.0.2.1'], silentHosts: 3 });
  const [doubt, ...more] = doubtsAbout(facts);
  assert.match(doubt!, /no carrier on eth7/);
  assert.deepEqual(more, []);
  assert.deepEqual(doubtsAbout(factsOf({ withoutCarrier, silentHosts: 0 })), []);
});

test('a gateway that cannot be resolved is the one reason for doubt', () => {
  const canary = canaryOf({ sent: 5, received: 0, silences: [SILENCE] });
  const facts = factsOf({ canary, lostGateways: [canary.address], silentHosts: 9 });
  assert.equal(doubtsAbout(facts).length, 1);
  assert.equal(
    doubtsAbout(facts).join(),
    'no ARP or NDP reply from the gateway 192.0.2.254: the hosts behind it could not be probed; check the gateway and sweep again',
  );
  assert.deepEqual(notesAbout(facts), []);
  const two = factsOf({ lostGateways: ['192.0.2.254', '198.51.100.254'] });
  assert.match(
    doubtsAbout(two).join(),
    / 192\.0\.2\.254, 198\.51\.100\.254: the hosts behind them /,
  );
});

test('a gateway that cannot be resolved is the reason for a canary that was never heard, but no reason for the silence of one that was', () => {
  const lostGateways = ['198.51.100.254'];
  const doubts = (canary: Partial<CanaryRecord>): string =>
    doubtsAbout(factsOf({ lostGateways, canary: canaryOf(canary) })).join('\n');
  assert.match(doubts({ choice: 'named', received: 0 }), /^no ARP or NDP reply [^\n]+$/);
  assert.match(doubts({}), /^no ARP or NDP reply [^\n]+$/);
  assert.match(
    doubts({ received: 16, silences: [SILENCE] }),
    /^the gateway 192\.0\.2\.254 did not answer from [^\n]+$/,
  );
});

test('a broadcast address among the targets is named for what it is', () => {
  const facts = factsOf({ broadcasts: ['192.0.2.255'] });
  assert.match(notesAbout(facts).join(), /^192\.0\.2\.255 is the broadcast address/);
});
