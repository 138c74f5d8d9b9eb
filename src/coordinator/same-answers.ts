/** Subnets in which nearly all hosts answer TCP connections alike, as a firewall does that answers for all of them. */

import { formatAddress, parseAddress } from '../address.ts';
import { addressText, type BlockTargets } from '../results/block-targets.ts';
import { answerOfNumber, type HostAnswer, NO_ANSWER, NOT_TRIED } from './tcp-block.ts';

/** Fewer may well be alike. */
const LEAST_HOSTS = 8;
const SHARE = 0.9;
/** Subnets of 256 addresses: a /24, or a /120 of IPv6. */
const HOST_BITS = 8n;
const PREFIX = { 4: 24, 6: 120 } as const;

export interface SameAnswer {
  /** Such as `192.0.2.0/24`. */
  readonly subnet: string;
  readonly answer: HostAnswer;
  readonly port: number;
}

/** A subnet of one block. */
interface Part {
  readonly subnet: string;
  /** By the number of an answer. */
  readonly counts: Map<number, number>;
  tried: number;
}

export class SameAnswers {
  /** By subnet: two blocks may share one. */
  private readonly bySubnet = new Map<string, SameAnswer>();

  /** In the order in which they were noticed. */
  get found(): readonly SameAnswer[] {
    return [...this.bySubnet.values()];
  }

  /** @param answers of the block's hosts, as `TcpBlock` has them */
  note(targets: BlockTargets, answers: Uint32Array): void {
    let part: Part | undefined;
    answers.forEach((answer, host) => {
      if (answer === NOT_TRIED) return;
      const subnet = subnetOf(targets, host);
      if (part?.subnet !== subnet) {
        this.close(part);
        part = { subnet, counts: new Map(), tried: 0 };
      }
      part.tried++;
      if (answer !== NO_ANSWER) part.counts.set(answer, (part.counts.get(answer) ?? 0) + 1);
    });
    this.close(part);
  }

  private close(part: Part | undefined): void {
    if (part === undefined || part.tried < LEAST_HOSTS) return;
    const { subnet, counts, tried } = part;
    for (const [number, hosts] of counts) {
      if (hosts >= SHARE * tried) this.bySubnet.set(subnet, { subnet, ...answerOfNumber(number) });
    }
  }
}

function subnetOf(targets: BlockTargets, host: number): string {
  const { family, value } = parseAddress(addressText({ ...targets, zone: '' }, host))!;
  return `${formatAddress(family, (value >> HOST_BITS) << HOST_BITS)}/${PREFIX[family]}`;
}
