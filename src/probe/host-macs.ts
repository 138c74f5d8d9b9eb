/** The MAC addresses of a block's hosts on a local network, and the conflicts between them. */

import { MAC_OCTETS, macText } from '../results/block-results.ts';
import { addressText, type BlockTargets } from '../results/block-targets.ts';
import { type MacConflict, MOST_MAC_CONFLICTS } from '../results/run-record.ts';

export class HostMacs {
  /** By host: MAC_OCTETS octets each, all 0 if it is not known. */
  readonly octets: Uint8Array;
  /** As in BlockResults. */
  readonly conflicts: MacConflict[] = [];
  private readonly targets: BlockTargets;
  /** Hosts of which only our own system's table says which MAC address they have. */
  private readonly assumed = new Set<number>();

  /** @param count hosts that can have a MAC address: all of the targets or none */
  constructor(targets: BlockTargets, count: number) {
    this.targets = targets;
    this.octets = new Uint8Array(count * MAC_OCTETS);
  }

  /** Our own system's table has a MAC address for the host: it is worth trying, and proves nothing. */
  assume(host: number, view: DataView, offset: number): void {
    const isKnown = macText(this.octets, host * MAC_OCTETS) !== null && !this.assumed.has(host);
    if (isKnown) return;
    this.note(host, view, offset);
    this.assumed.add(host);
  }

  /** Forgets the MAC address of a host that did not answer and has it from the table only. */
  forgetAssumed(host: number): void {
    if (this.assumed.delete(host)) this.clear(host);
  }

  /** A device answers for the host's address: the first one is kept, and another is reported. */
  note(host: number, view: DataView, offset: number): void {
    const { octets } = this;
    this.forgetAssumed(host);
    const at = host * MAC_OCTETS;
    let isKnown = false;
    let isSame = true;
    for (let i = 0; i < MAC_OCTETS; i++) {
      isKnown ||= octets[at + i] !== 0;
      isSame &&= octets[at + i] === view.getUint8(offset + i);
    }
    if (!isKnown) for (let i = 0; i < MAC_OCTETS; i++) octets[at + i] = view.getUint8(offset + i);
    else if (!isSame) this.noteConflict(host, view, offset);
  }

  private clear(host: number): void {
    this.octets.fill(0, host * MAC_OCTETS, (host + 1) * MAC_OCTETS);
  }

  private noteConflict(host: number, view: DataView, offset: number): void {
    if (this.conflicts.length === MOST_MAC_CONFLICTS) return;
    const other = new Uint8Array(view.buffer, view.byteOffset + offset, MAC_OCTETS);
    const [first, another] = [macText(this.octets, host * MAC_OCTETS), macText(other, 0)];
    const address = addressText(this.targets, host);
    const isNoted = this.conflicts.some(
      (conflict) => conflict.address === address && conflict.macs[1] === another,
    );
    if (isNoted || first === null || another === null) return;
    this.conflicts.push({ address, macs: [first, another] });
  }
}
