/** Finds the route to an address among many: a router has a million, and a list of targets may be as long. */

import type { Route } from './route.ts';

export class RouteIndex {
  /** Where another route begins to apply, ascending. */
  private readonly starts: bigint[] = [0n];
  /** The route from each start on; undefined if there is none. */
  private readonly routes: (Route | undefined)[] = [undefined];

  /** @param routes of one family, each a prefix: of any two, one is inside the other, or they do not touch */
  constructor(routes: readonly Route[]) {
    // Of routes to the same prefix the best comes last: with the lowest metric, and of equals the first in the table.
    const inOrder = routes.toReversed().sort((a, b) => {
      if (a.first !== b.first) return a.first < b.first ? -1 : 1;
      return a.prefixLength - b.prefixLength || b.metric - a.metric;
    });
    const around: Route[] = [];
    const leaveBefore = (address: bigint | undefined): void => {
      for (let inner = around.at(-1); inner !== undefined; inner = around.at(-1)) {
        if (address !== undefined && inner.last >= address) return;
        around.pop();
        this.begin(inner.last + 1n, around.at(-1));
      }
    };
    for (const route of inOrder) {
      leaveBefore(route.first);
      around.push(route);
      this.begin(route.first, route);
    }
    leaveBefore(undefined);
  }

  /** The most specific route to an address, of equals that with the lowest metric; undefined if there is none. */
  routeTo(address: bigint): Route | undefined {
    return this.routes[this.lastStartUpTo(address)];
  }

  /** The addresses after `first`, up to `last`, from which on another route may apply. */
  changesIn(first: bigint, last: bigint): bigint[] {
    const from = this.lastStartUpTo(first) + 1;
    return this.starts.slice(from, this.lastStartUpTo(last) + 1);
  }

  private begin(start: bigint, route: Route | undefined): void {
    const isAgain = this.starts.at(-1) === start;
    const at = isAgain ? this.starts.length - 1 : this.starts.length;
    this.starts[at] = start;
    this.routes[at] = route;
  }

  private lastStartUpTo(address: bigint): number {
    let low = 0;
    let high = this.starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.starts[middle]! <= address) low = middle;
      else high = middle - 1;
    }
    return low;
  }
}
