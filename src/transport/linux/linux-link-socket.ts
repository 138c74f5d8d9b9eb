/**
 * Pings hosts of one link whose MAC addresses are known: IP packets through a packet socket, past the kernel's routing,
 * firewall and neighbour table, which has room for about a thousand hosts only.
 */

import type { Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import { ICMP_HEADER_OCTETS } from '../../wire/icmp.ts';
import {
  DESTINATION_AT,
  echoPacketOctets,
  HOP_LIMIT_AT,
  IP_HEADER_OCTETS,
  packetLength,
  SOURCE_AT,
} from '../../wire/ip-header.ts';
import {
  FORM,
  type LinkEnd,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
} from '../contract.ts';
import type { LinkHandle } from '../handles.ts';
import { RECEIVE_SLOTS, receiveSlotOctets, SEND_SLOTS } from '../slot-sizes.ts';
import type { LinuxClock } from './clock.ts';
import { CONTROL_OCTETS } from './control-messages.ts';
import { linkSendBatch, sealPackets } from './ip-send-batch.ts';
import { MessageChannel } from './message-channel.ts';
import { setMac } from './packet-socket-address.ts';

export class LinuxLinkSocket extends MessageChannel implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly link: LinkEnd;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;
  /** The clock is shared, and the thread's other sockets report its steps. */
  readonly clockSteps = 0;

  constructor(handle: LinkHandle, payloadOctets: number, clock: LinuxClock) {
    const { family } = handle;
    super({
      fd: handle.fd,
      clock,
      sends: {
        slots: SEND_SLOTS,
        packetOctets: echoPacketOctets(family, payloadOctets),
        nameOctets: c.SOCKADDR_LL_OCTETS,
      },
      receives: {
        slots: RECEIVE_SLOTS,
        packetOctets: receiveSlotOctets(payloadOctets),
        controlOctets: CONTROL_OCTETS,
      },
      stampsDepartures: true,
    });
    this.family = family;
    this.identifier = handle.identifier;
    const { bytes } = this.sendBatch.names;
    this.link = {
      index: handle.link.index,
      setMac: (slot, macs, at) => setMac(bytes, slot * c.SOCKADDR_LL_OCTETS, macs, at),
    };
    this.tx = linkSendBatch(
      handle.header,
      handle.ethernet.interfaceIndex,
      this,
      ICMP_HEADER_OCTETS + payloadOctets,
    );
    this.rx = this.makeReceiveBatch();
  }

  send(first: number, count: number): number {
    sealPackets(this.family, this.tx, first, count);
    return this.sender.send(first, count);
  }

  receive(): number {
    const { family, rx, receiver, receiveBatch, departures } = this;
    const { view } = receiveBatch.packets;
    const count = receiver.receive(0);
    // Stamps left in the error queue would wake the thread again and again.
    if (count === 0) departures?.drain();
    for (let slot = 0; slot < count; slot++) {
      const at = slot * rx.stride;
      const octets = packetLength(family, view, at, receiveBatch.lengthOf(slot));
      rx.length[slot] = family === 4 ? octets : Math.max(0, octets - IP_HEADER_OCTETS[6]);
      rx.ttl[slot] = view.getUint8(at + HOP_LIMIT_AT[family]);
    }
    return count;
  }

  private makeReceiveBatch(): ReceiveBatch {
    const { family } = this;
    const arrivals = this.makeArrivals();
    const { view, stride } = arrivals;
    arrivals.form.fill(family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage);
    return {
      ...arrivals,
      view: new DataView(view.buffer, family === 4 ? 0 : IP_HEADER_OCTETS[6]),
      sourceView: view,
      sourceOffset: SOURCE_AT[family],
      sourceStride: stride,
      destinationView: view,
      destinationOffset: DESTINATION_AT[family],
      destinationStride: stride,
    };
  }
}
