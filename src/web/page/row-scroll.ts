/** How far a table is scrolled. Browsers draw no element of tens of millions of pixels, so the scrollbar of a long table stands for more than it has. */

/** Chromium stops at 2^25 pixels of the screen, of which a phone has up to four for each of ours; Firefox at 17.8 million of ours. */
const MOST_PIXELS = 8_000_000;

/** As much of a scrolling element as it takes. */
interface Scroller {
  scrollTop: number;
  readonly clientHeight: number;
}

export class RowScroll {
  readonly total: number;
  /** Of a row. */
  readonly height: number;
  /** Height of the element that has the rows. */
  readonly drawn: number;
  /** Height of the rows above those in sight. */
  above = 0;
  /** Of what covers the top. */
  private readonly head: number;
  /** `scrollTop` when it was last heard of. */
  private last = 0;

  constructor(total: number, height: number, head: number) {
    this.total = total;
    this.height = height;
    this.head = head;
    this.drawn = Math.min(total * height, MOST_PIXELS);
  }

  /** Height of the rows in sight. */
  room({ clientHeight }: Scroller): number {
    return clientHeight - this.head;
  }

  /** To be called when the reader has scrolled: a little moves the rows as much, further is a way along the scrollbar. */
  follow(scroller: Scroller): void {
    const { scrollTop } = scroller;
    const room = this.room(scroller);
    const step = scrollTop - this.last;
    this.last = scrollTop;
    if (step === 0) return;
    const isAtEnd = scrollTop <= 0 || scrollTop >= Math.floor(this.drawn - room);
    const isNear = Math.abs(step) <= room && !isAtEnd;
    const scale = this.scale(room);
    this.above = isNear && scale > 1 ? this.within(this.above + step, room) : scrollTop * scale;
  }

  scrollTo(scroller: Scroller, above: number): void {
    const room = this.room(scroller);
    const scale = this.scale(room);
    this.above = this.within(above, room);
    scroller.scrollTop = this.above / scale;
    this.last = scroller.scrollTop;
    if (scale === 1) this.above = this.last;
  }

  /** Moves the scrollbar to where it belongs, and no row. */
  settle(scroller: Scroller): void {
    this.scrollTo(scroller, this.above);
  }

  /** Scrolls as little as it takes. */
  bringIntoSight(scroller: Scroller, row: number): void {
    const start = row * this.height;
    const least = start + this.height - this.room(scroller);
    if (start < this.above) this.scrollTo(scroller, start);
    else if (this.above < least) this.scrollTo(scroller, least);
  }

  private get whole(): number {
    return this.total * this.height;
  }

  private within(above: number, room: number): number {
    return Math.max(0, Math.min(this.whole - room, above));
  }

  /** Pixels of rows for each of the scrollbar. */
  private scale(room: number): number {
    return this.drawn === this.whole ? 1 : (this.whole - room) / (this.drawn - room);
  }
}
