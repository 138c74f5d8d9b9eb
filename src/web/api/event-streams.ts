/** Server-sent events (WHATWG HTML, section 9.2): what happens in the inventory, to every page that is open. */

import { formatAddress } from '../../address.ts';
import type { Inventory, LiveScan, RunningScan } from '../../service/inventory.ts';
import type { ServiceEvent } from '../../service/service-events.ts';
import { freshCells } from './fresh-cells.ts';
import { progressOf } from './scan-progress.ts';

const MOST_STREAMS = 200;
/** A client that has so much to read yet is too slow: it is dropped, and connects again. */
const MOST_WAITING_OCTETS = 512 * 1024;
/** Pages take a stream for dead that says nothing for 40 s (page/live.ts). */
const HEARTBEAT_MS = 15_000;
const RETRY_MS = 3_000;

interface Stream {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly isAllowed: () => boolean;
  readonly cut: () => void;
}

/** All open streams of one server. */
export class EventStreams {
  private readonly inventory: Inventory;
  private readonly streams = new Set<Stream>();
  private readonly encoder = new TextEncoder();
  private readonly unsubscribe: () => void;
  private readonly heartbeat: NodeJS.Timeout;
  /** What the streams know of each scan that is running, by network. */
  private readonly sent = new Map<
    string,
    { readonly live: LiveScan; readonly cells: Uint8Array }
  >();

  constructor(inventory: Inventory) {
    this.inventory = inventory;
    this.unsubscribe = inventory.subscribe((event) => this.pass(event));
    this.heartbeat = setInterval(() => this.beat(), HEARTBEAT_MS).unref();
  }

  /**
   * A new stream.
   * @param isAllowed called with every heartbeat; false ends the stream
   * @param cut closes the connection, with all that its client has not read
   * @returns undefined if there are too many already
   */
  open(isAllowed: () => boolean, cut: () => void): ReadableStream<Uint8Array> | undefined {
    if (this.streams.size >= MOST_STREAMS) return undefined;
    let stream: Stream;
    return new ReadableStream<Uint8Array>(
      {
        start: (controller) => {
          stream = { controller, isAllowed, cut };
          this.streams.add(stream);
          this.write(stream, this.encoder.encode(`retry: ${RETRY_MS}\n\n${this.present()}`));
        },
        cancel: () => void this.streams.delete(stream),
      },
      new ByteLengthQueuingStrategy({ highWaterMark: MOST_WAITING_OCTETS }),
    );
  }

  /** Says that answers are out of date. @param network undefined for all networks */
  changed(network: string | undefined): void {
    this.send('changes', network === undefined ? {} : { network });
  }

  close(): void {
    this.unsubscribe();
    clearInterval(this.heartbeat);
    for (const stream of this.streams) this.drop(stream);
  }

  private pass(event: ServiceEvent): void {
    switch (event.type) {
      case 'scan-requested':
        this.changed(event.network);
        break;
      case 'scan-started':
      case 'scan-progress':
        this.sendProgress(event.type, event.network);
        break;
      case 'scan-ended':
      case 'scan-failed': {
        this.sent.delete(event.network);
        const failure = event.type === 'scan-failed' ? event.error.message : null;
        this.send('scan-ended', { network: event.network, failure });
        if (failure === null) this.changed(event.network);
        break;
      }
      case 'reloaded':
        this.send('reloaded', {});
        break;
      case 'site-silent':
      case 'site-heard':
      case 'updated':
        this.changed(undefined);
        break;
      default:
        break;
    }
  }

  private sendProgress(name: string, network: string): void {
    const scan = this.inventory.scans?.runningScans.find((each) => each.network === network);
    if (scan === undefined || this.streams.size === 0) return;
    const { live } = scan;
    const progress = progressOf(scan);
    if (live === undefined) {
      this.send(name, progress);
      return;
    }
    let sent = this.sent.get(network);
    const isNew = sent?.live.cells !== live.cells;
    if (sent === undefined || isNew) {
      sent = { live, cells: new Uint8Array(live.cells.length) };
      this.sent.set(network, sent);
    }
    const cells = freshCells(live.cells, sent.cells);
    this.send(name, { ...progress, ...(isNew && { runs: runsOf(live) }), cells });
  }

  /** What a new stream has to know: the scans that are running, with all that the other streams have got. */
  private present(): string {
    const scans = this.inventory.scans?.runningScans ?? [];
    return scans.map((scan) => this.presentOf(scan)).join('');
  }

  private presentOf(scan: RunningScan): string {
    const sent = this.sent.get(scan.network);
    if (sent === undefined) return eventText('scan-progress', progressOf(scan));
    const cells = freshCells(sent.cells, new Uint8Array(sent.cells.length));
    return eventText('scan-progress', { ...progressOf(scan), runs: runsOf(sent.live), cells });
  }

  private send(name: string, data: object): void {
    if (this.streams.size === 0) return;
    const octets = this.encoder.encode(eventText(name, data));
    for (const stream of this.streams) this.write(stream, octets);
  }

  private write(stream: Stream, octets: Uint8Array): void {
    if ((stream.controller.desiredSize ?? 0) <= 0) this.drop(stream);
    else stream.controller.enqueue(octets);
  }

  private beat(): void {
    const octets = this.encoder.encode(eventText('alive', {}));
    for (const stream of this.streams) {
      if (stream.isAllowed()) this.write(stream, octets);
      else this.drop(stream);
    }
  }

  private drop(stream: Stream): void {
    this.streams.delete(stream);
    stream.cut();
  }
}

/** The addresses that the cells are of: the first of each run, and how many follow. */
function runsOf({ ranges }: LiveScan): [string, number][] {
  return ranges.map(({ family, first, last }) => [
    formatAddress(family, first),
    Number(last - first) + 1,
  ]);
}

/** JSON has no line break, so an event is one line of data. */
function eventText(name: string, data: object): string {
  return `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;
}
