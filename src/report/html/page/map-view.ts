/** A map on the page: drawn on a canvas, explored by pointer and by keyboard. */

import { element } from './dom.ts';
import { layoutMap, type MapLayout, memberAt } from './map-layout.ts';
import type { MapModel } from './map-model.ts';
import { palette, statusPaint } from './scale.ts';
import { colourOf, FONT, onThemeChange } from './theme.ts';

const SMALLEST_WITH_MARKS = 10;
/** A cell this large has its last octet written in it. */
const SMALLEST_WITH_NUMBERS = 19;
const FADED = 0.18;
const TALLEST = 620;

export interface MapHandlers {
  /** Enter, or a click. */
  readonly onChoose: (member: number) => void;
  /** Escape. */
  readonly onLeave: () => void;
}

export class MapView {
  readonly root: HTMLElement;
  private readonly canvas = element('canvas', {
    id: 'map-canvas',
    tabindex: 0,
    role: 'application',
    'aria-roledescription': 'address map',
    'aria-describedby': 'map-keys',
  });
  private readonly cursor = element('div', { class: 'cursor', hidden: true });
  private readonly story = element('div', { class: 'story', role: 'status', hidden: true });
  private readonly handlers: MapHandlers;
  private model: MapModel;
  private layout: MapLayout;
  private current = -1;
  /** Of the finger that came down last; undefined for a mouse. */
  private touched: { readonly before: number } | undefined;
  /** Members to draw in full; undefined for all. */
  private lit: Uint8Array | undefined;
  private readonly size = new ResizeObserver(() => this.resize());
  private readonly forgetTheme: () => void;
  private laidWidth = 0;

  constructor(model: MapModel, handlers: MapHandlers) {
    this.model = model;
    this.handlers = handlers;
    this.layout = layoutMap(model.index, 0, 0);
    this.root = element('div', { class: 'map' }, this.canvas, this.cursor, this.story);
    this.listen();
    this.forgetTheme = onThemeChange(() => this.draw());
  }

  /** To be called once the map is in the page. */
  start(): void {
    this.size.observe(this.root);
    this.resize();
  }

  /** To be called when the map leaves the page for good. */
  stop(): void {
    this.size.disconnect();
    this.forgetTheme();
  }

  show(model: MapModel): void {
    this.model = model;
    this.lit = undefined;
    this.select(-1);
    this.lay();
  }

  /** @param lit 1 by member for those that a filter leaves; undefined for no filter */
  light(lit: Uint8Array | undefined): void {
    this.lit = lit;
    this.draw();
  }

  /** The member with the cursor, if the keyboard moves it; else -1. */
  get atKeyboard(): number {
    return document.activeElement === this.canvas ? this.current : -1;
  }

  /** Draws the colours and stories of the same members again. */
  refresh(): void {
    this.draw();
    if (this.current >= 0) this.select(this.current);
  }

  /** Puts the cursor on a member and shows its story; -1 takes it away. */
  select(member: number): void {
    this.current = member;
    this.cursor.hidden = member < 0;
    this.story.hidden = member < 0;
    if (member < 0) return;
    const { cell, xs, ys, gap, width } = this.layout;
    const x = xs[member]!;
    const y = ys[member]!;
    place(this.cursor, x - 2, y - 2);
    this.cursor.style.width = this.cursor.style.height = `${cell - gap + 4}px`;
    const [name, ...lines] = [this.model.title(member), ...this.model.lines(member)];
    this.story.replaceChildren(
      element('strong', {}, name!),
      ...lines.map((line) => element('span', {}, line)),
    );
    const { offsetWidth, offsetHeight } = this.story;
    const left = Math.max(0, Math.min(x - 12, width - offsetWidth));
    const below = y + cell + 8;
    const hasRoomBelow = below + offsetHeight <= this.layout.height || y < offsetHeight + 8;
    place(this.story, left, hasRoomBelow ? below : y - offsetHeight - 8);
  }

  focus(): void {
    this.canvas.focus();
  }

  private resize(): void {
    if (this.root.clientWidth === this.laidWidth) return;
    this.laidWidth = this.root.clientWidth;
    this.lay();
  }

  private lay(): void {
    const width = this.root.clientWidth;
    const height = Math.min(TALLEST, Math.max(240, 0.72 * innerHeight));
    this.layout = layoutMap(this.model.index, width, height);
    const { noun, index } = this.model;
    this.canvas.setAttribute(
      'aria-label',
      `Map of ${index.count} ${noun === 'address' ? 'addresses' : 'subnets'}`,
    );
    this.draw();
    if (this.current >= 0) this.select(this.current);
  }

  private draw(): void {
    const { width, height, cell, gap, tiles, xs, ys } = this.layout;
    const context = this.canvas.getContext('2d')!;
    const scale = devicePixelRatio;
    this.canvas.width = Math.round(width * scale);
    this.canvas.height = Math.round(height * scale);
    this.canvas.style.width = `${width}px`;
    this.canvas.style.height = `${height}px`;
    context.scale(scale, scale);
    context.fillStyle = colourOf('muted');
    context.font = `11px ${FONT}`;
    context.textAlign = 'left';
    context.textBaseline = 'alphabetic';
    for (const { label, x, y } of tiles) context.fillText(label, x, y - 5);
    context.fillStyle = colourOf('unasked');
    for (const { x, y, columns, rows } of tiles) {
      context.fillRect(x, y, columns * cell - gap, rows * cell - gap);
    }
    const side = cell - gap;
    const colours = palette();
    const groups = membersByPaint(this.model.paints, colours.length);
    for (const faded of this.lit === undefined ? [false] : [true, false]) {
      context.globalAlpha = faded ? FADED : 1;
      colours.forEach((colour, paint) => {
        context.fillStyle = colour;
        for (const member of groups[paint]!) {
          if ((this.lit?.[member] === 0) !== faded) continue;
          context.fillRect(xs[member]!, ys[member]!, side, side);
        }
      });
    }
    context.globalAlpha = 1;
    if (cell >= SMALLEST_WITH_NUMBERS) this.drawNumbers(context, side, colours);
    else if (cell >= SMALLEST_WITH_MARKS) this.drawMarks(context, side, side * 0.28);
  }

  /** The last octet of each address, in ink or white, whichever has more contrast; marks go into the corner. */
  private drawNumbers(
    context: CanvasRenderingContext2D,
    side: number,
    colours: readonly string[],
  ): void {
    const { xs, ys } = this.layout;
    const { paints, index } = this.model;
    const inks: string[] = colours.map((colour) => (isDark(colour) ? '#ffffff' : '#171a1f'));
    const quiet = statusPaint('down');
    inks[quiet] = colourOf('muted');
    context.font = `${Math.min(11, Math.round(side * 0.36))}px ${FONT}`;
    context.textAlign = 'center';
    context.textBaseline = 'middle';
    for (let member = 0; member < paints.length; member++) {
      context.globalAlpha = (this.lit?.[member] === 0 ? FADED : 1) * 0.86;
      context.fillStyle = inks[paints[member]!]!;
      const [x, y] = [xs[member]! + side / 2, ys[member]! + side / 2 + 0.5];
      context.fillText(lastPart(index.textOf(member)), x, y);
    }
    context.globalAlpha = 1;
    this.drawMarks(context, side, side * 0.72);
  }

  /** A stroke for unreachable, a cross for not sent: readers need not distinguish colours. */
  private drawMarks(context: CanvasRenderingContext2D, side: number, inset: number): void {
    const { xs, ys } = this.layout;
    const { paints } = this.model;
    const margin = Math.min(inset, side * 0.28, 3);
    const length = side - inset - margin;
    context.strokeStyle = colourOf('mark');
    context.lineWidth = Math.max(1, side / 14);
    context.beginPath();
    for (let member = 0; member < paints.length; member++) {
      const isError = paints[member] === statusPaint('error');
      if (!isError && paints[member] !== statusPaint('unreachable')) continue;
      if (this.lit?.[member] === 0) continue;
      const [left, top] = [xs[member]! + side - margin - length, ys[member]! + margin];
      context.moveTo(left, top + length);
      context.lineTo(left + length, top);
      if (!isError) continue;
      context.moveTo(left, top);
      context.lineTo(left + length, top + length);
    }
    context.stroke();
  }

  private listen(): void {
    const memberUnder = (event: PointerEvent | MouseEvent): number => {
      const { left, top } = this.canvas.getBoundingClientRect();
      return memberAt(this.layout, event.clientX - left, event.clientY - top);
    };
    this.canvas.addEventListener('pointermove', (event) => {
      const member = memberUnder(event);
      if (member >= 0 && member !== this.current) this.select(member);
    });
    this.canvas.addEventListener('pointerleave', () => {
      if (document.activeElement !== this.canvas) this.select(-1);
    });
    this.canvas.addEventListener('pointerdown', ({ pointerType }) => {
      this.touched = pointerType === 'touch' ? { before: this.current } : undefined;
    });
    this.canvas.addEventListener('click', (event) => {
      const member = memberUnder(event);
      if (member < 0) return;
      this.select(member);
      // A finger cannot hover: its first tap shows the story, the second chooses.
      if (this.touched === undefined || this.touched.before === member) {
        this.handlers.onChoose(member);
      }
    });
    this.canvas.addEventListener('focus', () => {
      if (this.current < 0 && this.canvas.matches(':focus-visible')) this.select(0);
    });
    this.canvas.addEventListener('blur', () => this.select(-1));
    this.canvas.addEventListener('keydown', (event) => this.onKey(event));
  }

  private onKey(event: KeyboardEvent): void {
    const { index } = this.model;
    const last = index.count - 1;
    const at = Math.max(0, this.current);
    const goTo: Readonly<Record<string, () => number>> = {
      ArrowLeft: () => Math.max(0, at - 1),
      ArrowRight: () => Math.min(last, at + 1),
      ArrowUp: () => this.verticalFrom(at, -1),
      ArrowDown: () => this.verticalFrom(at, 1),
      Home: () => 0,
      End: () => last,
      PageUp: () => index.groups[Math.max(0, index.groupOf(at) - 1)]!.from,
      PageDown: () => index.groups[Math.min(index.groups.length - 1, index.groupOf(at) + 1)]!.from,
    };
    if (event.key === 'Enter' && this.current >= 0) this.handlers.onChoose(this.current);
    else if (event.key === 'Escape') this.handlers.onLeave();
    else if (Object.hasOwn(goTo, event.key)) this.select(goTo[event.key]!());
    else return;
    event.preventDefault();
  }

  /** The nearest cell in the direction, on the same map column as far as there is one. */
  private verticalFrom(member: number, direction: 1 | -1): number {
    const { xs, ys } = this.layout;
    const [x, y] = [xs[member]!, ys[member]!];
    let nearest = member;
    let least = Number.POSITIVE_INFINITY;
    for (let other = 0; other < xs.length; other++) {
      const down = (ys[other]! - y) * direction;
      if (down <= 0) continue;
      const distance = down + 16 * Math.abs(xs[other]! - x);
      if (distance >= least) continue;
      least = distance;
      nearest = other;
    }
    return nearest;
  }
}

/** A canvas takes a colour for many cells much faster than one for each. */
function membersByPaint(paints: ArrayLike<number>, count: number): Uint32Array[] {
  const sizes = new Uint32Array(count);
  for (let member = 0; member < paints.length; member++) sizes[paints[member]!]!++;
  const groups = Array.from(sizes, (size) => new Uint32Array(size));
  sizes.fill(0);
  for (let member = 0; member < paints.length; member++) {
    const paint = paints[member]!;
    groups[paint]![sizes[paint]!++] = member;
  }
  return groups;
}

function place(what: HTMLElement, x: number, y: number): void {
  what.style.transform = `translate(${x}px, ${y}px)`;
}

/** `17` of an IPv4 address, the last group of an IPv6 one. */
function lastPart(address: string): string {
  const [plain] = address.split(/[%/]/);
  // `2001:db8::` ends in a group that is not written.
  return plain!.slice(Math.max(plain!.lastIndexOf('.'), plain!.lastIndexOf(':')) + 1) || '0';
}

/** Whether white has more contrast with a colour than ink has (WCAG 2.2, relative luminance). */
function isDark(colour: string): boolean {
  const [red, green, blue] = colour
    .match(/[\d.]+/g)!
    .slice(0, 3)
    .map((channel) => {
      const share = Number(channel) / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
  return 0.2126 * red! + 0.7152 * green! + 0.0722 * blue! < 0.19;
}
