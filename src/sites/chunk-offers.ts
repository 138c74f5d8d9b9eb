/** Offers the chunks of a scan to its sites: as many as their windows have room for, again if they may be lost, and none in quiet hours. */

import type { SiteWindow } from './broker.ts';
import { shareOf } from './chunk-settings.ts';
import { encodeChunk } from './contract/chunk.ts';
import type { Coordination, ScanSite } from './coordination.ts';
import type { HeardAgents } from './heard-agents.ts';
import type { JournalChunk } from './journal-tables.ts';
import type { MessageCounts } from './result-intake.ts';

/** Chunks that wait at the broker for a slot: enough for the slots never to idle, few enough to take back at once. */
const AHEAD = 2;

/** What offering needs of the coordinator. */
export interface OfferParts
  extends Pick<Coordination, 'journal' | 'broker' | 'scan' | 'sites' | 'settings' | 'times'> {
  readonly clock: Pick<Coordination['clock'], 'nowMs'>;
  readonly agents: HeardAgents;
  readonly counts: MessageCounts;
}

export class ChunkOffers {
  readonly #parts: OfferParts;
  /** Sites in their quiet hours. */
  readonly #closed = new Set<string>();
  readonly #startedAtMs: number;
  #isServed = false;

  constructor(parts: OfferParts) {
    this.#parts = parts;
    this.#startedAtMs = parts.clock.nowMs();
  }

  /** Offers what there is room for. Rejects if the broker does not take it. */
  async offer(): Promise<void> {
    await this.#serve();
    await this.#offerAgain();
    const { journal, scan, sites, counts } = this.#parts;
    const rooms: { readonly site: ScanSite; readonly room: number }[] = [];
    let slots = 0;
    let open = 0;
    for (const site of sites) {
      if (!(await this.#isOpen(site))) continue;
      open++;
      slots += site.slots;
      const room = site.slots + AHEAD - journal.offeredAt(scan.id, site.site).size;
      if (room > 0) rooms.push({ site, room });
    }
    // In turn, so that machines that share a sweep get equal shares of its end.
    for (let turn = 0; rooms.some(({ room }) => room > turn); turn++) {
      for (const { site, room } of rooms.filter(({ room }) => room > turn)) {
        const hasFreeSlot = room - turn > AHEAD;
        const [chunk] = scan.isSpread
          ? this.#waitingForAny(hasFreeSlot, slots, open > 1 ? site.site : '')
          : journal.waiting(scan.id, site.site, 1);
        if (chunk === undefined) continue;
        await this.#offerFirst(chunk, site);
        counts.offered++;
      }
    }
  }

  /**
   * The last chunks of a spread sweep do not wait at one machine while another may have a slot for them first, and one that
   * cannot sweep a chunk does not get it again while there is another.
   */
  #waitingForAny(
    hasFreeSlot: boolean,
    slots: number,
    notRefusedAt: string,
  ): readonly JournalChunk[] {
    const { journal, scan } = this.#parts;
    const chunks = journal.waiting(scan.id, '', hasFreeSlot ? 1 : slots + 1, notRefusedAt);
    return hasFreeSlot || chunks.length > slots ? chunks : [];
  }

  async #serve(): Promise<void> {
    if (this.#isServed) return;
    const { broker, sites, times } = this.#parts;
    const windows = sites.map(({ site, slots }): SiteWindow => {
      return { site, slots, leaseMs: times.leaseMs };
    });
    await broker.serve(windows);
    this.#isServed = true;
  }

  async #offerFirst(chunk: JournalChunk, site: ScanSite): Promise<void> {
    const { journal, clock } = this.#parts;
    // Written down first: a result may arrive before the broker's answer does.
    journal.markOffered(chunk, site.site, new Date(clock.nowMs()));
    try {
      await this.#send(chunk, site);
    } catch (error) {
      journal.takeBack(chunk);
      throw error;
    }
  }

  /** What is out for long may be lost. In a spread sweep another site takes it over if its own is silent. */
  async #offerAgain(): Promise<void> {
    const { journal, scan, sites, times, clock, agents, counts } = this.#parts;
    const nowMs = clock.nowMs();
    for (const chunk of journal.outFor(scan.id, times.reofferMs, new Date(nowMs))) {
      const site = sites.find((each) => each.site === chunk.place);
      if (site === undefined || (scan.isSpread && !agents.isHeard(chunk.place, nowMs))) {
        journal.takeBack(chunk);
      } else {
        if (isClosed(site, nowMs)) continue;
        await this.#send(chunk, site);
        journal.markOfferedAgain(chunk, new Date(nowMs));
      }
      counts.reoffered++;
    }
  }

  async #send(chunk: JournalChunk, { site, slots, ratePps, openUntil }: ScanSite): Promise<void> {
    const { broker, scan, settings, times, clock } = this.#parts;
    const name = { scan: scan.messageName, site, chunk: chunk.number };
    const until = openUntil?.(clock.nowMs()) ?? Number.POSITIVE_INFINITY;
    await broker.offer(
      name,
      encodeChunk({
        ...name,
        ranges: chunk.ranges,
        settings: shareOf(settings, slots),
        ratePps: ratePps / slots,
        notAfterMs: Math.min(scan.deadline.getTime(), until),
        leaseMs: times.leaseMs,
      }),
    );
  }

  /** Whether chunks may be offered to the site. When its quiet hours begin, its own chunks are taken back, and no others. */
  async #isOpen(site: ScanSite): Promise<boolean> {
    const { journal, broker, scan, times, clock, agents } = this.#parts;
    const nowMs = clock.nowMs();
    if (isClosed(site, nowMs)) {
      if (this.#closed.has(site.site)) return false;
      await broker.pause(scan.messageName, site.site);
      journal.takeBackFrom(scan.id, site.site);
      this.#closed.add(site.site);
      return false;
    }
    this.#closed.delete(site.site);
    // A machine that is not there gets no share of a sweep that others can do; at first no agent has been heard of.
    const isEarly = Math.abs(nowMs - this.#startedAtMs) < times.silentMs;
    return !scan.isSpread || isEarly || agents.isHeard(site.site, nowMs);
  }
}

function isClosed({ openUntil }: ScanSite, nowMs: number): boolean {
  return openUntil !== undefined && openUntil(nowMs) <= nowMs;
}
