/** The hosts of a block that have not been probed yet, in the order in which they will be. */

export interface UnprobedHosts {
  /** Whether any host is left that may still be probed for the first time. */
  readonly isAnyLeft: boolean;
  /** Whether one of them can be probed now. */
  readonly isAnyReady: boolean;
  /** The next one. To be called only while `isAnyReady`. */
  take(): number;
}

/** Which host is probed at a position. */
export interface HostOrder {
  at(position: number): number | undefined;
}

/** All hosts of a block, in address order or another one. */
export class AllHosts implements UnprobedHosts {
  private readonly count: number;
  private readonly order: HostOrder | undefined;
  private position = 0;

  /** @param order undefined for address order */
  constructor(count: number, order: HostOrder | undefined) {
    this.count = count;
    this.order = order;
  }

  get isAnyLeft(): boolean {
    return this.position < this.count;
  }

  get isAnyReady(): boolean {
    return this.isAnyLeft;
  }

  take(): number {
    const position = this.position++;
    return this.order === undefined ? position : this.order.at(position)!;
  }
}

/** The hosts that a search on a link finds, in the order in which it finds them. */
export class FoundHosts implements UnprobedHosts {
  private readonly found: number[] = [];
  /** Hosts that have been neither taken nor missed. */
  private left: number;
  private taken = 0;

  constructor(count: number) {
    this.left = count;
  }

  get isAnyLeft(): boolean {
    return this.left > 0;
  }

  get isAnyReady(): boolean {
    return this.taken < this.found.length;
  }

  take(): number {
    this.left--;
    return this.found[this.taken++]!;
  }

  /** The search has found the host. */
  add(host: number): void {
    this.found.push(host);
  }

  /** The search has ended for one host without finding it. */
  addMissing(): void {
    this.left--;
  }
}
