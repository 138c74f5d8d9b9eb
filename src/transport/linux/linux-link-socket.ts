/**
 * Pings hosts of one link whose MAC addresses are known: IP packets through a packet socket, past routing, firewall and
 * neighbour table of the kernel, which has room for no more than a thousand hosts.
 */

import type { Family } from '../../address.ts';
import { linkName } from '../../host-network/local-link.ts';
import * as c from '../../native/linux/constants.ts';
import {
  DESTINATION_AT,
  HOP_LIMIT_AT,
  IP_HEADER_OCTETS,
  packetLength,
  prepareHeader,
  SOURCE_AT,
  sealPacket,
} from '../../wire/ip-header.ts';
import {
  FORM,
  ICMP_HEADER_OCTETS,
  type LinkEnd,
  type PacketSocket,
  type ReceiveBatch,
  type SendBatch,
} from '../contract.ts';
import type { LinuxClock } from './clock.ts';
import { DepartureStamps } from './departure-stamps.ts';
import { MessageSocket } from './message-socket.ts';
import type { LinkHandle } from './open-packet-socket.ts';
import { prepareLinkAddress, setMacOf } from './packet-socket-address.ts';

const SEND_SLOTS = 64;
const RECEIVE_SLOTS = 256;
/** No frame of Ethernet with jumbo frames turned off is longer; requests that need more are left to the system. */
const RECEIVE_OCTETS = 2048;
const IP_HEADER_MAX_OCTETS = 60;
const CONTROL_OCTETS = 128;

export class LinuxLinkSocket extends MessageSocket implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly link: LinkEnd;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;
  /** The clock is shared, and the thread's other sockets tell of its steps. */
  readonly clockSteps = 0;

  private readonly messageOctets: number;

  constructor(handle: LinkHandle, payloadBytes: number, clock: LinuxClock) {
    const { family } = handle;
    const messageOctets = ICMP_HEADER_OCTETS + payloadBytes;
    const sendOctets = IP_HEADER_OCTETS[family] + messageOctets;
    const receiveOctets = Math.max(RECEIVE_OCTETS, IP_HEADER_MAX_OCTETS + messageOctets);
    super(
      handle.fd,
      clock,
      {
        slots: SEND_SLOTS,
        packetOctets: sendOctets,
        stride: (sendOctets + 7) & ~7,
        nameOctets: c.SOCKADDR_LL_OCTETS,
        controlOctets: 0,
      },
      {
        slots: RECEIVE_SLOTS,
        packetOctets: receiveOctets,
        stride: (receiveOctets + 7) & ~7,
        nameOctets: 0,
        controlOctets: CONTROL_OCTETS,
      },
      new DepartureStamps(handle.fd, clock),
    );
    this.family = family;
    this.identifier = handle.identifier;
    this.messageOctets = messageOctets;
    this.link = this.makeLinkEnd(handle);
    this.tx = this.makeSendBatch(handle);
    this.rx = this.makeReceiveBatch();
  }

  override send(first: number, count: number): number {
    const { view } = this.sendBatch.packets;
    const { stride } = this.tx;
    for (let slot = first; slot < first + count; slot++)
      sealPacket(this.family, view, slot * stride, this.messageOctets);
    return super.send(first, count);
  }

  receive(): number {
    const { family, rx, receiveBatch } = this;
    const { view } = receiveBatch.packets;
    const count = this.receiver.receive(0);
    // What stays there would wake the thread again and again.
    if (count === 0) this.departures?.drain();
    for (let slot = 0; slot < count; slot++) {
      const at = slot * rx.stride;
      const octets = packetLength(family, view, at, receiveBatch.lengthOf(slot));
      rx.length[slot] = family === 4 ? octets : Math.max(0, octets - IP_HEADER_OCTETS[6]);
      rx.ttl[slot] = view.getUint8(at + HOP_LIMIT_AT[family]);
    }
    return count;
  }

  private makeLinkEnd({ link, family, ethernet }: LinkHandle): LinkEnd {
    const { bytes, view } = this.sendBatch.names;
    const protocol = family === 4 ? c.ETH_P_IP : c.ETH_P_IPV6;
    for (let slot = 0; slot < SEND_SLOTS; slot++)
      prepareLinkAddress(view, slot * c.SOCKADDR_LL_OCTETS, protocol, ethernet.interfaceIndex);
    return {
      name: linkName(link),
      setMac: (slot, macs, at) => setMacOf(bytes, slot * c.SOCKADDR_LL_OCTETS, macs, at),
    };
  }

  private makeSendBatch({ header }: LinkHandle): SendBatch {
    const { family, sendBatch, messageOctets } = this;
    const { stride } = sendBatch.layout;
    const { view } = sendBatch.packets;
    for (let slot = 0; slot < SEND_SLOTS; slot++)
      prepareHeader(view, slot * stride, messageOctets, header);
    return {
      capacity: SEND_SLOTS,
      view: behind(view, IP_HEADER_OCTETS[family]),
      stride,
      packetLength: messageOctets,
      addressView: view,
      addressOffset: DESTINATION_AT[family],
      addressStride: stride,
      setScope: () => {},
      ...this.stamps,
    };
  }

  private makeReceiveBatch(): ReceiveBatch {
    const { family, receiveBatch } = this;
    const { view } = receiveBatch.packets;
    const { stride } = receiveBatch.layout;
    const form = family === 4 ? FORM.ipv4Datagram : FORM.icmpMessage;
    return {
      view: family === 4 ? view : behind(view, IP_HEADER_OCTETS[6]),
      stride,
      length: new Uint32Array(RECEIVE_SLOTS),
      form: new Uint8Array(RECEIVE_SLOTS).fill(form),
      ttl: new Uint8Array(RECEIVE_SLOTS),
      receivedAtNs: this.receiver.receivedAtNs,
      isKernelTime: this.receiver.isKernelTime,
      sourceView: view,
      sourceOffset: SOURCE_AT[family],
      sourceStride: stride,
      errorType: new Uint8Array(RECEIVE_SLOTS),
      errorCode: new Uint8Array(RECEIVE_SLOTS),
      destinationView: view,
      destinationOffset: DESTINATION_AT[family],
      destinationStride: stride,
    };
  }
}

/** The same memory from an offset on. */
function behind(view: DataView, offset: number): DataView {
  return new DataView(view.buffer, view.byteOffset + offset);
}
