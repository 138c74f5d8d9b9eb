/** The lab keeps its own promises, so that a sweep's report can be held against them. */

import assert from 'node:assert/strict';
import { ERRORS4, ERRORS6, LAB, REPLY_TTLS, ttlRange4, ttlRange6 } from './address-plan.ts';
import { labTest } from './lab-test.ts';
import { start } from './run.ts';

/** The first address after the range's own. */
function host(range: string): string {
  const address = range.split('/')[0]!;
  return address.endsWith('::') ? `${address}1` : address.replace(/\.0$/, '.1');
}

async function ping(address: string, ...more: string[]): Promise<string> {
  const { stdout, stderr } = await start(['ping', '-n', '-c1', '-W1', ...more, address]).finished;
  return stdout + stderr;
}

/** Pings all at once and names every address that did not say what it should. */
async function assertAll(expected: readonly (readonly [string, RegExp])[]): Promise<void> {
  const answers = await Promise.all(expected.map(([address]) => ping(address)));
  const wrong = expected.flatMap(([address, words], i) =>
    words.test(answers[i]!) ? [] : `${address} should say ${words}, but:\n${answers[i]}`,
  );
  assert.deepEqual(wrong, []);
}

labTest('live ranges answer, from as far as the plan says', async () => {
  await assertAll([
    [host(LAB.live4), /ttl=63/],
    [host(LAB.live6), /ttl=63/],
    [host(LAB.large4), /ttl=63/],
    [host(LAB.far4), /ttl=62/],
    [host(LAB.far6), /ttl=62/],
    [host(LAB.local4), /ttl=64/],
    [host(LAB.local6), /ttl=64/],
    ['10.79.255.255', /ttl=63/],
    ['10.191.255.255', /ttl=63/],
  ]);
});

labTest('the first router says every ICMP error that there is', async () => {
  const words: Record<string, RegExp> = {
    'host-unreach': /From 10\.77\.0\.254 .*Destination Host Unreachable/,
    'precedence-cutoff': /From 10\.77\.0\.254 .*Precedence Cutoff/,
    'source-routing-error': /From fd00:77::fe .*Unknown code 7/,
  };
  const named = [...ERRORS4, ...ERRORS6].filter(({ reason }) => reason in words);
  assert.equal(named.length, 3);
  await assertAll(named.map(({ range, reason }) => [host(range), words[reason]!] as const));
  // ping sees this one only through a raw socket, which it does not open; silence would be the range's own fault.
  const others = [...ERRORS4, ...ERRORS6].filter(({ type, code }) => type !== 11 || code !== 1);
  await assertAll(others.map(({ range }) => [host(range), /From (10\.77\.0\.254|fd00:77::fe) /]));
});

labTest("routers and the client's own table refuse as the plan says", async () => {
  await assertAll([
    [host(LAB.routeUnreachable4), /Host Unreachable/],
    [host(LAB.routeUnreachable6), /No route/],
    [host(LAB.routeProhibited4), /Packet filtered/],
    [host(LAB.routeProhibited6), /Administratively prohibited/],
    [host(LAB.routeBlackhole4), /100% packet loss/],
    [host(LAB.routeBlackhole6), /100% packet loss/],
    [host(LAB.dropped4), /100% packet loss/],
    [host(LAB.dropped6), /100% packet loss/],
    [host(LAB.routeThrow4), /From 10\.77\.0\.254 .*Net Unreachable/],
    [host(LAB.routeThrow6), /From fd00:77::fe .*No route/],
    [host(LAB.farThrow4), /From 10\.78\.2\.2 .*Net Unreachable/],
    [host(LAB.farThrow6), /From fd00:78:2::2 .*No route/],
    [host(LAB.loop4), /Time to live exceeded/],
    [host(LAB.loop6), /Hop limit/],
    [host(LAB.sendHostUnreach4), /No route to host/],
    [host(LAB.sendHostUnreach6), /No route to host/],
    [host(LAB.sendProhibited6), /Permission denied/],
    [host(LAB.sendBlackhole4), /Invalid argument/],
    [host(LAB.sendBlackhole6), /Invalid argument/],
    [host(LAB.sendNetUnreach4), /Network is unreachable/],
    [host(LAB.sendNetUnreach6), /Network is unreachable/],
    [host(LAB.noRoute4), /Network is unreachable/],
    [host(LAB.noRoute6), /Network is unreachable/],
  ]);
});

labTest('replies are spoiled as the plan says', async () => {
  const twice = await ping(host(LAB.duplicated4), '-c2', '-i0.1');
  assert.match(twice, /DUP!/);
  assert.match(await ping(host(LAB.duplicated6), '-c2', '-i0.1'), /DUP!/);
  await assertAll([
    [host(LAB.otherSource4), /from 10\.78\.1\.99.*DIFFERENT ADDRESS/],
    [host(LAB.otherSource6), /from fd00:78:1::99.*DIFFERENT ADDRESS/],
    [host(LAB.badChecksum4), /100% packet loss/],
    [host(LAB.wrongSequence4), /icmp_seq=4242/],
    [host(LAB.wrongSequence6), /icmp_seq=4242/],
    ...REPLY_TTLS.map((ttl) => [host(ttlRange4(ttl)), new RegExp(`ttl=${ttl}\\b`)] as const),
    ...REPLY_TTLS.map((ttl) => [host(ttlRange6(ttl)), new RegExp(`ttl=${ttl}\\b`)] as const),
  ]);
});

labTest('what is too big for the way is refused by the router', async () => {
  const [small4, big4, small6, big6] = await Promise.all([
    ping(host(LAB.lowMtu4)),
    ping(host(LAB.lowMtu4), '-s1400', '-Mdo'),
    ping(host(LAB.lowMtu6)),
    ping(host(LAB.lowMtu6), '-s1400', '-Mdo'),
  ]);
  assert.match(small4, /ttl=63/);
  assert.match(big4, /Frag needed and DF set \(mtu = 1280\)/);
  assert.match(small6, /ttl=63/);
  assert.match(big6, /Packet too big: mtu=1280/);
});

labTest('only the live hosts of the link answer', async () => {
  const live = [...LAB.lanLive4, ...LAB.lanLive6, ...LAB.linkLocalLive6];
  await assertAll(live.map((address) => [address, /ttl=64/] as const));
  const silent = ['10.100.2.2', 'fd00:100::9', LAB.linkLocalSilent6];
  const answers = await Promise.all(silent.map((address) => ping(address, '-W5')));
  assert.match(answers[0]!, /From 10\.100\.0\.1 .*Host Unreachable/);
  assert.match(answers[1]!, /From fd00:100::1 .*Address unreachable/);
  assert.match(answers[2]!, /From fe80::1%lab-lan .*Address unreachable/);
});
