/** The link of a scripted network: its neighbours answer ARP and NDP requests when the test wants them to. */

import { type Family, formatAddressBytes } from '../../../src/address.ts';
import type { NeighbourSocket, SendBatch, SendFailure } from '../../../src/transport/contract.ts';
import type { ScriptedNetwork } from './scripted-network.ts';
import { octetsOf } from './scripted-packets.ts';
import { SLOTS } from './scripted-socket.ts';

/** The one link of a scripted network. */
export const LAN = 3;

/** Who answers the n-th request (from 0) for an address: MAC addresses of 6 octets, each after a while. */
export type LinkScript = (
  address: string,
  nth: number,
) => readonly { readonly mac: readonly number[]; readonly afterMs: number }[];

/** A link whose neighbours are in the test's hand. */
export class ScriptedLink implements NeighbourSocket {
  readonly family: Family;
  readonly linkIndex = LAN;
  readonly tx: SendBatch;
  readonly answers = { view: new DataView(new ArrayBuffer(SLOTS * 24)), stride: 24, macOffset: 16 };
  /** Addresses in the order of the requests. */
  readonly requests: { readonly address: string; readonly sentAtNs: number }[] = [];
  failure: SendFailure = 'refused';
  errno = '';
  droppedPackets = 0;
  refuses: (address: string) => string | undefined = () => undefined;
  private readonly network: ScriptedNetwork;
  private readonly script: LinkScript;
  private pending: { atNs: number; address: string; mac: readonly number[] }[] = [];

  constructor(network: ScriptedNetwork, script: LinkScript) {
    this.network = network;
    this.script = script;
    this.family = network.socket.family;
    this.tx = {
      ...network.socket.tx,
      addressView: new DataView(new ArrayBuffer(SLOTS * 16)),
      sentAtNs: new Float64Array(SLOTS),
      notBeforeNs: new Float64Array(SLOTS),
    };
  }

  /** An answer that needs no request. */
  answer(address: string, mac: readonly number[], afterMs = 0): void {
    this.pending.push({ atNs: this.network.clockNs + afterMs * 1e6, address, mac });
  }

  send(first: number, count: number): number {
    for (let slot = first; slot < first + count; slot++) {
      const address = formatAddressBytes(this.family, this.tx.addressView, slot * 16);
      const refusal = this.refuses(address);
      if (refusal !== undefined) {
        this.errno = refusal;
        return slot - first;
      }
      const nth = this.requests.filter((request) => request.address === address).length;
      this.tx.sentAtNs[slot] = this.network.clockNs;
      this.requests.push({ address, sentAtNs: this.network.clockNs });
      for (const { mac, afterMs } of this.script(address, nth)) this.answer(address, mac, afterMs);
    }
    return count;
  }

  receive(): number {
    const arrived = this.pending
      .filter(({ atNs }) => atNs <= this.network.clockNs)
      .sort((a, b) => a.atNs - b.atNs)
      .slice(0, SLOTS);
    this.pending = this.pending.filter((one) => !arrived.includes(one));
    arrived.forEach(({ address, mac }, slot) => {
      for (const [i, octet] of octetsOf(address).entries())
        this.answers.view.setUint8(slot * 24 + i, octet);
      for (const [i, octet] of mac.entries()) this.answers.view.setUint8(slot * 24 + 16 + i, octet);
    });
    return arrived.length;
  }

  nextArrivalNs(): number {
    return Math.min(Number.POSITIVE_INFINITY, ...this.pending.map(({ atNs }) => atNs));
  }
}
