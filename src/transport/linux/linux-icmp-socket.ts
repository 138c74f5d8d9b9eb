/** An ICMP socket of Linux as the prober sees it: sends in small groups, receives in batches stamped by the kernel. */

import { ADDRESS_OCTETS, type Family } from '../../address.ts';
import * as c from '../../native/linux/constants.ts';
import { ICMP_HEADER_OCTETS } from '../../wire/icmp.ts';
import { IP_HEADER_OCTETS } from '../../wire/ip-header.ts';
import {
  DROP_ALL,
  furtherHeadersFilter,
  remainderFilter,
  ringFilter,
  socketFilter,
} from '../../wire/packet-filters.ts';
import { FORM, type PacketSocket, type ReceiveBatch, type SendBatch } from '../contract.ts';
import type { IcmpHandle } from '../handles.ts';
import { HEARD_SEND_SLOTS, RECEIVE_SLOTS, receiveSlotOctets, SEND_SLOTS } from '../slot-sizes.ts';
import type { LinuxClock } from './clock.ts';
import { CONTROL_OCTETS } from './control-messages.ts';
import { ADDRESS_AT, NAME_OCTETS, prepareNames, SCOPE_AT } from './internet-address.ts';
import { gatewaySendBatch, routedSendBatch, routePackets, sealPackets } from './ip-send-batch.ts';
import { MessageChannel } from './message-channel.ts';
import { RemainderSocket } from './remainder-socket.ts';
import { admitReplies, admitTypes, attachFilter } from './socket-options.ts';

const EXTENDED_ERROR_OCTETS = 16;

export class LinuxIcmpSocket extends MessageChannel implements PacketSocket {
  readonly family: Family;
  readonly identifier: number;
  readonly tx: SendBatch;
  readonly rx: ReceiveBatch;

  private readonly handle: IcmpHandle;
  /** Whether the ring and `remainder` take what arrives, in place of the socket. */
  private takesArrivals = false;
  private readonly remainder: RemainderSocket | undefined;
  private missedReplies = 0;
  private readonly clock: LinuxClock;
  /** The sender of each slot's packet. All are copied here: a queued error's offender is in a control message. */
  private readonly sources: DataView;

  constructor(handle: IcmpHandle, payloadOctets: number, clock: LinuxClock) {
    const { family, kind, ring, header, past } = handle;
    const requestAt = header === undefined ? 0 : IP_HEADER_OCTETS[family];
    const packetLength = ICMP_HEADER_OCTETS + payloadOctets;
    super({
      fd: handle.fd,
      ...(past !== undefined && { sendFd: ring!.remainderFd }),
      clock,
      sends: {
        slots: ring === undefined ? SEND_SLOTS : HEARD_SEND_SLOTS,
        packetOctets: requestAt + packetLength,
        nameOctets: past === undefined ? NAME_OCTETS[family] : c.SOCKADDR_LL_OCTETS,
      },
      receives: {
        slots: RECEIVE_SLOTS,
        packetOctets: receiveSlotOctets(payloadOctets),
        nameOctets: NAME_OCTETS[family],
        controlOctets: CONTROL_OCTETS,
      },
      // An unprivileged socket reads the errors about its probes from that queue.
      stampsDepartures: kind === 'raw',
      ...(ring !== undefined && {
        ring: {
          family,
          handle: ring,
          requestAt,
          onFit: () => this.takeArrivals(),
          onUnfit: () => this.leaveRepliesToSystem(),
        },
      }),
      readControl: (slot, level, type, data, octets) =>
        this.readControl(slot, level, type, data, octets),
    });
    this.handle = handle;
    this.family = family;
    this.identifier = handle.identifier;
    this.clock = clock;
    this.sources = new DataView(new ArrayBuffer(RECEIVE_SLOTS * 16));
    this.remainder = ring && new RemainderSocket(ring.remainderFd, family, payloadOctets, clock);
    this.tx = this.makeSendBatch(packetLength);
    this.rx = this.makeReceiveBatch();
    // The firewall may know nothing of requests that leave past the system. A worker that died may have left it either way.
    if (past !== undefined) this.takeArrivals();
    else if (ring !== undefined) this.leaveArrivals();
  }

  override get droppedPackets(): number {
    return super.droppedPackets + (this.remainder?.droppedPackets ?? 0) + this.missedReplies;
  }

  get clockSteps(): number {
    return this.clock.steps;
  }

  send(first: number, count: number): number {
    const { header, past } = this.handle;
    if (past !== undefined) sealPackets(this.family, this.tx, first, count);
    else if (header !== undefined) routePackets(this.tx, this, first, count);
    return this.sender.send(first, count);
  }

  receive(): number {
    const arrived = (this.echoes?.receive(this.rx) ?? 0) || (this.remainder?.receive(this.rx) ?? 0);
    if (arrived > 0) return arrived;
    const count = this.receiveFrom(0);
    if (count > 0) return count;
    let errors = this.receiveFrom(c.MSG_ERRQUEUE);
    if (this.handle.kind === 'dgram') return errors;
    // A raw socket has received these errors as packets already; the queue also has those of other programs.
    while (errors > 0) errors = this.receiveFrom(c.MSG_ERRQUEUE);
    return 0;
  }

  override free(): void {
    super.free();
    this.remainder?.free();
  }

  /** From now on packets are taken at the interfaces: so far one request is on its way at most. */
  private takeArrivals(): void {
    if (this.takesArrivals) return;
    const { fd, ring, family, identifier } = this.handle;
    const { heard, remainderFd } = ring!;
    attachFilter(ring!.fd, ringFilter(family, identifier, heard));
    attachFilter(remainderFd, remainderFilter(family, identifier, heard));
    // A type that is not admitted spares the kernel a copy for each reply.
    if (family === 4) admitTypes(fd, 4, []);
    else attachFilter(fd, furtherHeadersFilter(identifier));
    this.takesArrivals = true;
  }

  /** From now on the socket receives everything. What came in between is a drop. */
  leaveRepliesToSystem(): void {
    // Past the system nothing changes a request on its way, and its reply might not get past the firewall.
    if (!this.takesArrivals || this.handle.past !== undefined) return;
    this.missedReplies = 1;
    this.leaveArrivals();
  }

  /** The socket receives everything, and the ring shows departures only. */
  private leaveArrivals(): void {
    const { fd, ring, family, identifier } = this.handle;
    this.takesArrivals = false;
    attachFilter(ring!.fd, ringFilter(family, identifier, ring!.heard, 'requests'));
    attachFilter(ring!.remainderFd, DROP_ALL);
    if (family === 4) admitReplies(fd, 4);
    else attachFilter(fd, socketFilter(6, identifier));
  }

  private receiveFrom(queue: number): number {
    const { family, rx, receiveBatch, receiver } = this;
    const isDatagram = this.handle.kind === 'raw' && family === 4;
    const plainForm = isDatagram ? FORM.ipv4Datagram : FORM.icmpMessage;
    const form = queue === 0 ? plainForm : FORM.queuedError;
    // Not every message comes with its hop limit.
    rx.ttl.fill(0);
    const count = receiver.receive(queue);
    for (let slot = 0; slot < count; slot++) {
      rx.length[slot] = receiveBatch.lengthOf(slot);
      rx.form[slot] = form;
      // A datagram has its sender in its header, and an error in a control message.
      const from = slot * NAME_OCTETS[family] + ADDRESS_AT[family];
      if (form === FORM.icmpMessage) this.copyAddress(receiveBatch.names.view, from, slot);
    }
    return count;
  }

  private copyAddress(view: DataView, from: number, slot: number): void {
    for (let at = 0; at < ADDRESS_OCTETS[this.family]; at += 4) {
      this.sources.setUint32(slot * 16 + at, view.getUint32(from + at));
    }
  }

  private readControl(
    slot: number,
    level: number,
    type: number,
    data: number,
    octets: number,
  ): void {
    const isTtl = level === c.SOL_IP ? type === c.IP_TTL : type === c.IPV6_HOPLIMIT;
    if (isTtl) this.rx.ttl[slot] = this.receiveBatch.control.view.getUint32(data, true);
    else if (type !== (level === c.SOL_IP ? c.IP_RECVERR : c.IPV6_RECVERR)) return;
    else if (octets >= EXTENDED_ERROR_OCTETS + NAME_OCTETS[this.family])
      this.readQueuedError(slot, data);
  }

  /*
   * struct sock_extended_err (ip(7)):
   *
   *   octet 0           4           5         6         7      8           12          16
   *        +-----------+-----------+---------+---------+------+-----------+-----------+--------------------
   *        | errno u32 | origin u8 | type u8 | code u8 |      | info u32  | data u32  | offender's address
   *        +-----------+-----------+---------+---------+------+-----------+-----------+--------------------
   *
   * An error that did not come from ICMP gets type 0, which is not an outcome.
   */
  private readQueuedError(slot: number, data: number): void {
    const { view } = this.receiveBatch.control;
    const origin = view.getUint8(data + 4);
    const fromIcmp = origin === c.SO_EE_ORIGIN_ICMP || origin === c.SO_EE_ORIGIN_ICMP6;
    this.rx.errorType[slot] = fromIcmp ? view.getUint8(data + 5) : 0;
    this.rx.errorCode[slot] = view.getUint8(data + 6);
    this.copyAddress(view, data + EXTENDED_ERROR_OCTETS + ADDRESS_AT[this.family], slot);
  }

  private makeSendBatch(packetLength: number): SendBatch {
    const { family, sendBatch, stamps } = this;
    const { header, past } = this.handle;
    if (header !== undefined && past !== undefined)
      return gatewaySendBatch(header, past, this, packetLength);
    if (header !== undefined) return routedSendBatch(header, this, packetLength);
    const { view } = sendBatch.names;
    const { slots } = sendBatch.layout;
    prepareNames(view, family, slots);
    return {
      capacity: slots,
      view: sendBatch.packets.view,
      stride: sendBatch.stride,
      packetLength,
      addressView: view,
      addressOffset: ADDRESS_AT[family],
      addressStride: NAME_OCTETS[family],
      setScope: (slot, scopeId) => view.setUint32(slot * NAME_OCTETS[6] + SCOPE_AT, scopeId, true),
      ...stamps,
    };
  }

  private makeReceiveBatch(): ReceiveBatch {
    const { family, receiveBatch } = this;
    return {
      ...this.makeArrivals(),
      sourceView: this.sources,
      sourceOffset: 0,
      sourceStride: 16,
      destinationView: receiveBatch.names.view,
      destinationOffset: ADDRESS_AT[family],
      destinationStride: NAME_OCTETS[family],
    };
  }
}
