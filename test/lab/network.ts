/** Builds the lab's network inside a private namespace: the namespaces, links, addresses and routes behind LAB. */

import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { LAB, LAB_INTERFACES, REPLY_TTLS, ttlRange4, ttlRange6 } from './address-plan.ts';
import { routerRules } from './packet-rules.ts';

/** Kernel settings by their path below /proc/sys/net. */
type Settings = Readonly<Record<string, string>>;

const EVERYWHERE: Settings = {
  'ipv4/conf/all/rp_filter': '0',
  'ipv4/conf/default/rp_filter': '0',
  'ipv6/conf/all/disable_ipv6': '0',
  'ipv6/conf/default/disable_ipv6': '0',
  // A fresh IPv6 address is otherwise "tentative" for a second and cannot be used.
  'ipv6/conf/all/accept_dad': '0',
  'ipv6/conf/default/accept_dad': '0',
  // Otherwise a router says one error a second to one peer, and every other probe would look like silence. For IPv4 it
  // is the mask, since a limit of 0 would use up the credit that the routing table's own refusals need.
  'ipv4/icmp_ratemask': '0',
  'ipv6/icmp/ratelimit': '0',
};

/** The limit on all errors together belongs to a namespace only in newer kernels; older ones refuse to change it here. */
const WHERE_POSSIBLE: Settings = {
  'ipv4/icmp_msgs_per_sec': '1000000',
  'ipv4/icmp_msgs_burst': '1000000',
};

export const FORWARDING: Settings = {
  'ipv4/ip_forward': '1',
  'ipv6/conf/all/forwarding': '1',
  'ipv4/conf/all/send_redirects': '0',
  'ipv4/conf/default/send_redirects': '0',
};

/** A host gives up on missing fragments after a second instead of half a minute (IPv4) or a minute (IPv6). */
const IMPATIENT: Settings = { 'ipv4/ipfrag_time': '1', 'ipv6/ip6frag_time': '1' };

/** One network namespace around the client's, or, where `name` is undefined, the client's own. */
export interface Place {
  readonly name?: string;
  readonly settings?: Settings;
  /** Interface by interface, with prefix length; without a link-local address no router can ask for its IPv6 neighbours. */
  readonly addresses: Readonly<Record<string, readonly string[]>>;
  /** What follows `ip route add`. */
  readonly routes: readonly string[];
  /** nft's words. */
  readonly rules?: string;
}

const PLACES: readonly Place[] = [
  {
    addresses: {
      [LAB_INTERFACES.router]: [`${LAB.client4}/24`, `${LAB.client6}/64`, 'fe80::1/64'],
      [LAB_INTERFACES.lan]: ['10.100.0.1/21', 'fd00:100::1/120', 'fe80::1/64'],
    },
    routes: [
      ...via(LAB.router4, LAB.router6, ['10.0.0.0/8'], ['fd00::/16']),
      ...answering(LAB.local4, LAB.local6),
      `unreachable ${LAB.sendHostUnreach4}`,
      `unreachable ${LAB.sendHostUnreach6}`,
      `prohibit ${LAB.sendProhibited4}`,
      `prohibit ${LAB.sendProhibited6}`,
      `blackhole ${LAB.sendBlackhole4}`,
      `blackhole ${LAB.sendBlackhole6}`,
      `throw ${LAB.sendNetUnreach4}`,
      `throw ${LAB.sendNetUnreach6}`,
    ],
  },
  {
    name: 'r1',
    settings: FORWARDING,
    addresses: {
      client: [`${LAB.router4}/24`, `${LAB.router6}/64`, 'fe80::fe/64'],
      near: ['10.78.1.254/24', 'fd00:78:1::fe/64', 'fe80::fe/64'],
      r2: ['10.78.2.1/24', 'fd00:78:2::1/64', 'fe80::1/64'],
    },
    routes: [
      // What has no route of its own below lives on near.
      ...via('10.78.1.1', 'fd00:78:1::1', ['10.0.0.0/8'], ['fd00::/16']),
      `${LAB.lowMtu4} via 10.78.1.1 mtu lock 1280`,
      `${LAB.lowMtu6} via fd00:78:1::1 mtu lock 1280`,
      ...via(
        LAB.farRouter4,
        LAB.farRouter6,
        [LAB.far4, LAB.farThrow4, LAB.loop4],
        [LAB.far6, LAB.farThrow6, LAB.loop6],
      ),
      `unreachable ${LAB.routeUnreachable4}`,
      `unreachable ${LAB.routeUnreachable6}`,
      `prohibit ${LAB.routeProhibited4}`,
      `prohibit ${LAB.routeProhibited6}`,
      `blackhole ${LAB.routeBlackhole4}`,
      `blackhole ${LAB.routeBlackhole6}`,
      `throw ${LAB.routeThrow4}`,
      `throw ${LAB.routeThrow6}`,
    ],
    rules: routerRules(),
  },
  {
    name: 'r2',
    settings: FORWARDING,
    addresses: {
      r1: [`${LAB.farRouter4}/24`, `${LAB.farRouter6}/64`, 'fe80::2/64'],
      far: ['10.78.3.254/24', 'fd00:78:3::fe/64', 'fe80::fe/64'],
    },
    routes: [
      ...via('10.78.2.1', 'fd00:78:2::1', ['10.77.0.0/24', LAB.loop4], ['fd00:77::/64', LAB.loop6]),
      ...via('10.78.3.1', 'fd00:78:3::1', [LAB.far4], [LAB.far6]),
    ],
  },
  {
    name: 'near',
    settings: IMPATIENT,
    addresses: { r1: ['10.78.1.1/24', 'fd00:78:1::1/64', 'fe80::1/64'] },
    routes: [
      ...via('10.78.1.254', 'fd00:78:1::fe', ['10.77.0.0/24'], ['fd00:77::/64']),
      ...answering(LAB.live4, LAB.large4, LAB.live6, LAB.lowMtu4, LAB.lowMtu6),
      ...answering(LAB.lostFragment4, LAB.lostFragment6),
      // r1 spoils what these hear or say.
      ...answering(LAB.lossy4, LAB.lossy6, LAB.everyOther4, LAB.everyOther6),
      ...answering(LAB.duplicated4, LAB.duplicated6, LAB.otherSource4, LAB.otherSource6),
      ...answering(LAB.badChecksum4, LAB.wrongSequence4, LAB.wrongSequence6),
      ...answering(...REPLY_TTLS.map(ttlRange4), ...REPLY_TTLS.map(ttlRange6)),
    ],
  },
  {
    name: 'far',
    addresses: { r2: ['10.78.3.1/24', 'fd00:78:3::1/64', 'fe80::1/64'] },
    routes: [
      ...via('10.78.3.254', 'fd00:78:3::fe', ['10.77.0.0/24'], ['fd00:77::/64']),
      ...answering(LAB.far4, LAB.far6),
    ],
  },
  {
    name: 'lan',
    addresses: {
      client: [
        ...LAB.lanLive4.slice(1).map((address) => `${address}/21`),
        ...LAB.lanLive6.slice(1).map((address) => `${address}/120`),
        ...LAB.linkLocalLive6.slice(1).map((address) => `${address.split('%')[0]}/64`),
      ],
    },
    routes: [],
  },
];

/** What follows `ip` to make the links between the places, as the client sees it. */
const LINKS: readonly string[] = [
  `link add ${LAB_INTERFACES.router} type veth peer name client netns r1`,
  `link add ${LAB_INTERFACES.lan} type veth peer name client netns lan`,
  'link add near netns r1 type veth peer name r1 netns near',
  'link add r2 netns r1 type veth peer name r1 netns r2',
  'link add far netns r2 type veth peer name r2 netns far',
];

/**
 * Makes the calling process's network the lab's client, or that of another network given. To be called once, in network
 * and mount namespaces of its own that hold nothing but a loopback interface.
 * @throws Error with the tool's own words where ip, nft or the kernel refuses
 */
export function buildNetwork(places = PLACES, links = LINKS): void {
  // ip keeps named namespaces in /run/netns; a file system of our own makes them vanish with the lab.
  run('mount', ['-t', 'tmpfs', '-o', 'mode=755', 'none', '/run']);
  mkdirSync('/run/netns');
  const names = places.flatMap((place) => place.name ?? []);
  ip(
    undefined,
    names.map((name) => `netns add ${name}`),
  );
  for (const place of places) applySettings(place);
  openPingSockets();
  ip(undefined, links);
  for (const place of places) ip(place.name, interfaceCommands(place.addresses));
  for (const place of places) {
    ip(
      place.name,
      place.routes.map((route) => `route add ${route}`),
    );
    if (place.rules !== undefined) run(...inside(place.name, 'nft', ['-f', '-']), place.rules);
  }
}

function via(
  gateway4: string,
  gateway6: string,
  ranges4: readonly string[],
  ranges6: readonly string[],
): string[] {
  return [
    ...ranges4.map((range) => `${range} via ${gateway4}`),
    ...ranges6.map((range) => `${range} via ${gateway6}`),
  ];
}

/** A local route makes the kernel answer for every address of a range without holding one of them (AnyIP). */
function answering(...ranges: readonly string[]): string[] {
  return ranges.map((range) => `local ${range} dev lo`);
}

function interfaceCommands(addresses: Place['addresses']): string[] {
  const commands = ['link set lo up'];
  for (const [name, own] of Object.entries(addresses)) {
    // No address of the kernel's own making, so that what answers on the link is what LAB says.
    commands.push(`link set ${name} addrgenmode none`, `link set ${name} up`);
    for (const address of own) {
      commands.push(`addr add ${address} dev ${name}${address.includes(':') ? ' nodad' : ''}`);
    }
  }
  return commands;
}

function applySettings(place: Place): void {
  const required = Object.entries({ ...EVERYWHERE, ...place.settings });
  const lines = required.map(([path, value]) => `echo ${value} > /proc/sys/net/${path}`);
  const optional = Object.entries(WHERE_POSSIBLE);
  lines.push(
    ...optional.map(([path, value]) => `(echo ${value} > /proc/sys/net/${path}) 2>/dev/null || :`),
  );
  run(...inside(place.name, 'sh', ['-e']), lines.join('\n'));
}

/** Lets everybody use unprivileged ICMP sockets; a user namespace knows only the one group mapped into it. */
function openPingSockets(): void {
  const path = '/proc/sys/net/ipv4/ping_group_range';
  try {
    writeFileSync(path, '0 2147483647');
  } catch {
    writeFileSync(path, '0 0');
  }
}

function ip(name: string | undefined, commands: readonly string[]): void {
  run(...inside(name, 'ip', ['-batch', '-']), commands.join('\n'));
}

/** The command as it runs in another namespace of ours. */
function inside(name: string | undefined, file: string, args: string[]): [string, string[]] {
  return name === undefined
    ? [file, args]
    : ['nsenter', [`--net=/run/netns/${name}`, file, ...args]];
}

function run(file: string, args: readonly string[], input = ''): void {
  const done = spawnSync(file, args, { input, encoding: 'utf8' });
  if (done.status === 0) return;
  const words = done.error?.message ?? done.stderr.trim();
  throw new Error(`the lab cannot be built: ${file} ${args.join(' ')}: ${words}\n${input}`);
}
