/** A simulated network: takes what the ring has received, decides by the rules, and sends when it is time. */

import { type Family, formatAddressBytes } from '../../../src/address.ts';
import { SIMULATED } from './address-plan.ts';
import { hash } from './chance.ts';
import { DelayQueue } from './delay-queue.ts';
import type { PacketRing } from './packet-ring.ts';
import {
  advertisement,
  errorAbout,
  headerOctets,
  type Received,
  replies,
  requestTo,
} from './packets.ts';
import type { AnswerRule, Rule, Rules } from './rules.ts';
import type { SeenRequest, SentPacket, Truth } from './truth.ts';

const ETHERNET_OCTETS = 14;
const ETHERTYPE = { ip4: 0x0800, arp: 0x0806, ip6: 0x86dd } as const;
const ECHO_REQUEST = { 4: 8, 6: 128 } as const;
const NEIGHBOUR_SOLICITATION = 135;
/** Nearer than this the clock is watched instead of slept on. */
const WATCH_NS = 150_000;
const LONGEST_SLEEP_NS = 5_000_000;
const RECEIVE_AT_ONCE = 128;
/** How addresses of the client's link begin. */
const ON_LINK = [SIMULATED.link4.replace('0.0/16', ''), SIMULATED.link6.replace(':/64', '')];
/** A log of more would be the test's own fault. */
const MOST_LOGGED = 2_000_000;

interface Note {
  readonly address: string;
  readonly nth: number;
  readonly kind: SentPacket['kind'];
  /** Who puts it on the client's link. */
  readonly mac: string;
}

interface Bucket {
  credit: number;
  atNs: number;
}

export class Network {
  private readonly rules: Rules;
  private readonly ring: PacketRing;
  private readonly delayed = new DelayQueue();
  private readonly counts = new Map<string, number>();
  private readonly buckets = new Map<string, Bucket>();
  private readonly requests: SeenRequest[] = [];
  private readonly sent: SentPacket[] = [];
  private readonly searches = { 4: 0, 6: 0 };
  private readonly frame = new Uint8Array(2048);
  private readonly gateways: ReadonlySet<string> = new Set([
    SIMULATED.gateway4,
    SIMULATED.gateway6,
  ]);
  private batch: Omit<Note, 'mac'>[] = [];

  constructor(rules: Rules, ring: PacketRing) {
    this.rules = rules;
    this.ring = ring;
    this.frame.set(macOctets(SIMULATED.clientMac), 0);
  }

  /** Works for about so long. */
  runFor(ns: number): void {
    const end = this.ring.nowNs() + ns;
    for (let nowNs = this.ring.nowNs(); nowNs < end; nowNs = this.ring.nowNs()) {
      const isBusy = this.receive() || this.sendDue(this.ring.nowNs());
      if (isBusy) continue;
      const sleepNs = Math.min(
        this.delayed.nextNs - this.ring.nowNs() - WATCH_NS,
        LONGEST_SLEEP_NS,
      );
      if (sleepNs > 0) this.ring.wait(sleepNs);
    }
  }

  truth(): Truth {
    const { requests, sent, searches, delayed } = this;
    return { requests, sent, searches, ringDrops: this.ring.drops, overflows: delayed.overflows };
  }

  private receive(): boolean {
    const { ring } = this;
    let count = 0;
    while (count < RECEIVE_AT_ONCE && ring.next()) {
      this.accept();
      ring.release();
      count++;
    }
    return count > 0;
  }

  private accept(): void {
    const { ring } = this;
    const type = ring.view.getUint16(ring.at + 12);
    const start = ring.at + ETHERNET_OCTETS;
    if (type === ETHERTYPE.arp) this.answerArp(start);
    if (type !== ETHERTYPE.ip4 && type !== ETHERTYPE.ip6) return;
    const family = type === ETHERTYPE.ip4 ? 4 : 6;
    const octets = ring.bytes.subarray(start, ring.at + ring.length);
    const received: Received = { family, octets };
    const icmp = headerOctets(received);
    if (octets[family === 4 ? 9 : 6] !== (family === 4 ? 1 : 58)) return;
    if (octets[icmp] === ECHO_REQUEST[family]) this.answerEcho(received, icmp);
    else if (family === 6 && octets[icmp] === NEIGHBOUR_SOLICITATION)
      this.answerSolicitation(octets);
  }

  private answerEcho(request: Received, icmp: number): void {
    const { family, octets } = request;
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const addressAt = family === 4 ? 16 : 24;
    const address = formatAddressBytes(family, view, addressAt);
    const nth = this.counts.get(address) ?? 0;
    this.counts.set(address, nth + 1);
    const { rule, key } = this.hostAt(family, view, addressAt);
    const { receivedAtNs } = this.ring;
    this.log(this.requests, {
      address,
      nth,
      identifier: view.getUint16(icmp + 4),
      sequence: view.getUint16(icmp + 6),
      atNs: receivedAtNs,
      rule: rule?.name,
    });
    if (rule === undefined || !this.rules.isAlive(rule, key)) return;
    if (this.rules.isLost(rule, key, nth)) return;
    const dueNs = receivedAtNs + this.rules.delayNs(rule, key, nth);
    const mac = this.macOnLink(rule, key, address);
    for (const answer of rule.resolved)
      this.answer(request, rule, answer, { address, nth, dueNs, mac });
  }

  private answer(
    request: Received,
    { ttl = 64, index }: Rule,
    answer: AnswerRule,
    { dueNs, ...whose }: { address: string; nth: number; dueNs: number; mac: string },
  ): void {
    const { reply, error, request: ownRequest, afterMs = 0, times = 1, gapMs = 0 } = answer;
    if (answer.on !== undefined && !answer.on.includes(whose.nth)) return;
    if (answer.limit !== undefined) {
      const sender = error?.from ?? `${index}`;
      if (!this.isGranted(sender, answer.limit, this.ring.receivedAtNs)) return;
    }
    for (let i = 0; i < times; i++) {
      const at = dueNs + (afterMs + i * gapMs) * 1e6;
      if (reply !== undefined) {
        for (const packet of replies(request, reply, ttl))
          this.delayed.add(packet, at, { ...whose, kind: 'reply' });
      } else if (error !== undefined) {
        const packet = errorAbout(request, error, this.rules.routers, ttl);
        this.delayed.add(packet, at, { ...whose, kind: 'error' });
      } else if (ownRequest !== undefined) {
        const packet = requestTo(request, ownRequest.identifier ?? 0x7777, ownRequest.from);
        this.delayed.add(packet, at, { ...whose, kind: 'request' });
      }
    }
  }

  private isGranted(
    sender: string,
    limit: NonNullable<AnswerRule['limit']>,
    nowNs: number,
  ): boolean {
    const bucket = this.buckets.get(sender) ?? { credit: limit.burst, atNs: nowNs };
    const earned = ((nowNs - bucket.atNs) / 1e9) * limit.perSecond;
    const credit = Math.min(limit.burst, bucket.credit + earned);
    this.buckets.set(sender, { credit: credit >= 1 ? credit - 1 : credit, atNs: nowNs });
    return credit >= 1;
  }

  /** ARP (RFC 826): 8 sender's MAC, 14 address, 18 target's MAC, 24 address. */
  private answerArp(start: number): void {
    const { ring } = this;
    if (ring.view.getUint16(start + 6) !== 1) return;
    const asked = ring.bytes.slice(start + 24, start + 28);
    this.searches[4]++;
    for (const mac of this.macsOf(4, asked)) {
      const arp = ring.bytes.slice(start, start + 28);
      arp[7] = 2;
      arp.copyWithin(18, 8, 18);
      arp.set(macOctets(mac), 8);
      arp.set(asked, 14);
      this.queue(ETHERTYPE.arp, arp, mac);
    }
    this.flush();
  }

  private answerSolicitation(octets: Uint8Array): void {
    const asked = octets.slice(48, 64);
    this.searches[6]++;
    for (const mac of this.macsOf(6, asked))
      this.queue(ETHERTYPE.ip6, advertisement(asked, octets.slice(8, 24), macOctets(mac)), mac);
    this.flush();
  }

  private macsOf(family: 4 | 6, octets: Uint8Array): readonly string[] {
    const view = new DataView(octets.buffer);
    const address = formatAddressBytes(family, view, 0);
    if (this.gateways.has(address)) return [SIMULATED.gatewayMac];
    const { rule, key } = this.hostAt(family, view, 0);
    if (rule === undefined || !this.rules.isAlive(rule, key)) return [];
    return rule.macs ?? [macOf(hash(rule.salt, key))];
  }

  /** The host's own where it is on the client's link, else the gateway's. */
  private macOnLink(rule: Rule, key: number, address: string): string {
    if (!ON_LINK.some((start) => address.startsWith(start))) return SIMULATED.gatewayMac;
    return rule.macs?.[0] ?? macOf(hash(rule.salt, key));
  }

  private hostAt(family: Family, view: DataView, at: number): { rule?: Rule; key: number } {
    const key =
      family === 4
        ? view.getUint32(at)
        : hash(...[0, 4, 8, 12].map((word) => view.getUint32(at + word)));
    const rule =
      family === 4
        ? this.rules.ruleOf4(key)
        : this.rules.ruleOf6((view.getBigUint64(at) << 64n) | view.getBigUint64(at + 8));
    return rule === undefined ? { key } : { rule, key };
  }

  private sendDue(nowNs: number): boolean {
    const { delayed } = this;
    if (delayed.nextNs > nowNs) return false;
    let hasRoom = true;
    while (hasRoom && delayed.nextNs <= nowNs) {
      delayed.takeFirst((packet, note) => {
        const { mac, ...sent } = note as Note;
        hasRoom = this.queue(packet[0]! >> 4 === 4 ? ETHERTYPE.ip4 : ETHERTYPE.ip6, packet, mac);
        this.batch.push(sent);
      });
    }
    this.flush();
    return true;
  }

  private queue(type: number, packet: Uint8Array, mac: string): boolean {
    this.frame.set(macOctets(mac), 6);
    this.frame[12] = type >> 8;
    this.frame[13] = type & 0xff;
    this.frame.set(packet, ETHERNET_OCTETS);
    return this.ring.queue(this.frame.subarray(0, ETHERNET_OCTETS + packet.length));
  }

  private flush(): void {
    const beganAtNs = this.ring.nowNs();
    this.ring.flush();
    const endedAtNs = this.ring.nowNs();
    for (const note of this.batch) this.log(this.sent, { ...note, beganAtNs, endedAtNs });
    this.batch = [];
  }

  private log<Entry>(list: Entry[], entry: Entry): void {
    if (list.length < MOST_LOGGED) list.push(entry);
  }
}

function macOf(key: number): string {
  const octets = [2, 1, key >>> 24, (key >>> 16) & 255, (key >>> 8) & 255, key & 255];
  return octets.map((octet) => octet.toString(16).padStart(2, '0')).join(':');
}

function macOctets(text: string): Uint8Array {
  return Uint8Array.from(text.split(':'), (octet) => Number.parseInt(octet, 16));
}
