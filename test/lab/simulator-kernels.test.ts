/** The simulated network beside real kernels: what both answer is the same, field by field. */

import assert from 'node:assert/strict';
import { addressOctets, type Family, parseAddress } from '../../src/address.ts';
import { LAB, LAB_INTERFACES } from './address-plan.ts';
import { ETHERNET_OCTETS, FrameSocket } from './frame-socket.ts';
import { KERNEL_CASES } from './kernel-cases.ts';
import { labTest } from './lab-test.ts';
import {
  advertisementFields,
  arpFields,
  echoRequest,
  type Fields,
  icmpFields,
  ipPacket,
  type RequestFields,
} from './packet-fields.ts';
import { SIMULATED } from './simulator/address-plan.ts';
import type { HostRule } from './simulator/rules.ts';
import { startSimulation } from './simulator/start.ts';
import { hostIn } from './sweep-report.ts';

const IDENTIFIER = 0x4e57;
const ETHER_TYPE = { 4: 0x0800, 6: 0x86dd } as const;
const ARP = 0x0806;
const EVERYBODY = new Uint8Array(6).fill(0xff);
/** One side of the comparison. */
interface Side {
  readonly frames: FrameSocket;
  readonly client: Readonly<Record<Family, string>>;
  readonly gateway: Readonly<Record<Family, string>>;
}

const octetsOf = (text: string): Uint8Array => {
  const { family, value } = parseAddress(text)!;
  return addressOctets(family, value);
};

/** Of the simulator: the address of a case. */
function simulatedHost(family: Family, index: number): string {
  return family === 4 ? `100.64.40.${index + 1}` : `2001:db8:100:40::${index + 1}`;
}

function arpRequest(frames: FrameSocket, client: string, asked: string): Uint8Array {
  const fixed = [0, 1, 8, 0, 6, 4, 0, 1];
  const unknown = [0, 0, 0, 0, 0, 0];
  return Uint8Array.from([
    ...fixed,
    ...frames.mac,
    ...octetsOf(client),
    ...unknown,
    ...octetsOf(asked),
  ]);
}

/** The frame of the ARP reply about an address. */
function arpReply({ frames, client }: Side, asked: string): Promise<Uint8Array> {
  const request = arpRequest(frames, client[4], asked);
  const isReply = (frame: Uint8Array): boolean =>
    frame[12] === 8 && frame[13] === 6 && frame[21] === 2;
  return frames.ask(EVERYBODY, ARP, request, isReply);
}

/** What a side answers to a request, field by field. */
async function answered(
  side: Side,
  family: Family,
  target: string,
  request: Partial<RequestFields>,
): Promise<Fields> {
  const { frames, client, gateway } = side;
  const gatewayMac = (await arpReply(side, gateway[4])).slice(6, 12);
  const packet = echoRequest(family, {
    source: octetsOf(client[family]),
    destination: octetsOf(target),
    hopLimit: 64,
    trafficClass: 0,
    dontFragment: false,
    identifier: IDENTIFIER,
    sequence: 7,
    dataOctets: 24,
    ...request,
  });
  const [protocolAt, protocol] = family === 4 ? [23, 1] : [20, 58];
  const icmpAt = ETHERNET_OCTETS + (family === 4 ? 20 : 40);
  const frame = await frames.ask(gatewayMac, ETHER_TYPE[family], packet, (heard) => {
    const isFamily =
      heard[12] === ETHER_TYPE[family] >> 8 && heard[13] === (ETHER_TYPE[family] & 255);
    const type = heard[icmpAt]!;
    const isAnswer = family === 4 ? [0, 3, 11].includes(type) : [1, 2, 3, 129].includes(type);
    return isFamily && heard[protocolAt] === protocol && isAnswer;
  });
  const roles = new Map([
    [client[family], 'client'],
    [gateway[family], 'gateway'],
    [target, 'target'],
  ]);
  return icmpFields(family, frame.subarray(ETHERNET_OCTETS), roles);
}

/** Runs with both networks. */
async function withBoth(
  hosts: readonly HostRule[],
  kernelInterface: string,
  compare: (kernel: Side, simulated: Side) => Promise<void>,
): Promise<void> {
  const simulation = await startSimulation({
    routers: { gateway: SIMULATED.gateway4, gateway6: SIMULATED.gateway6 },
    hosts,
  });
  const [kernelFrames, simulatedFrames] = [
    new FrameSocket(kernelInterface),
    new FrameSocket(SIMULATED.interface),
  ];
  try {
    await compare(
      {
        frames: kernelFrames,
        client: { 4: LAB.client4, 6: LAB.client6 },
        gateway: { 4: LAB.router4, 6: LAB.router6 },
      },
      {
        frames: simulatedFrames,
        client: { 4: SIMULATED.client4, 6: SIMULATED.client6 },
        gateway: { 4: SIMULATED.gateway4, 6: SIMULATED.gateway6 },
      },
    );
  } finally {
    kernelFrames.close();
    simulatedFrames.close();
    await simulation.end();
  }
}

for (const family of [4, 6] as const) {
  labTest(`IPv${family}: replies and errors are those of a kernel, field by field`, async () => {
    const hosts = KERNEL_CASES.map(({ rule }, index) => {
      const net = simulatedHost(family, index);
      const own = structuredClone(rule[family]) as HostRule & {
        answers?: { error?: { from: string } }[];
      };
      for (const { error: said } of own.answers ?? []) {
        if (said !== undefined && family === 6) said.from = 'gateway6';
      }
      return { ...own, name: net, net };
    });
    await withBoth(hosts, LAB_INTERFACES.router, async (kernel, simulated) => {
      for (const [index, { name, kernel: ranges, request = {} }] of KERNEL_CASES.entries()) {
        const expected = await answered(kernel, family, hostIn(ranges[family]), request);
        const found = await answered(simulated, family, simulatedHost(family, index), request);
        assert.deepEqual(found, expected, name);
      }
    });
  });
}

labTest('who has an address is answered as by a kernel', async () => {
  const [live4, live6] = [LAB.lanLive4[1], LAB.lanLive6[1]];
  const [host4, host6] = ['198.18.40.1', '2001:db8:200::4001'];
  const hosts = [{ name: 'host', net: [host4, host6] }];
  await withBoth(hosts, LAB_INTERFACES.lan, async ({ frames }, simulated) => {
    const kernel: Side = {
      frames,
      client: { 4: '10.100.0.1', 6: 'fd00:100::1' },
      gateway: { 4: live4, 6: live6 },
    };
    const [asked, alike] = [await arpReply(kernel, live4), await arpReply(simulated, host4)];
    assert.deepEqual(
      arpFields(alike, simulated.frames.mac, host4),
      arpFields(asked, frames.mac, live4),
    );
    const sides: readonly (readonly [Side, string])[] = [
      [kernel, live6],
      [simulated, host6],
    ];
    const advertised: Fields[] = [];
    for (const [side, target] of sides) {
      const octets = octetsOf(target);
      const group = Uint8Array.from([
        ...octetsOf('ff02::1:ff00:0').subarray(0, 13),
        ...octets.subarray(13),
      ]);
      const solicitation = Uint8Array.from([
        135,
        0,
        0,
        0,
        0,
        0,
        0,
        0,
        ...octets,
        1,
        1,
        ...side.frames.mac,
      ]);
      const fields = {
        source: octetsOf(side.client[6]),
        destination: group,
        hopLimit: 255,
        trafficClass: 0,
        dontFragment: false,
      };
      const frame = await side.frames.ask(
        Uint8Array.from([0x33, 0x33, ...group.subarray(12)]),
        ETHER_TYPE[6],
        ipPacket(6, fields, solicitation),
        (heard) => heard[12] === 0x86 && heard[20] === 58 && heard[54] === 136,
      );
      const roles = new Map([
        [side.client[6], 'client'],
        [target, 'target'],
      ]);
      advertised.push(advertisementFields(frame, roles));
    }
    assert.deepEqual(advertised[1], advertised[0]);
  });
});
