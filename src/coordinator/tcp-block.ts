/** The hosts of one block that are tried by TCP: which connections are left to try, and what the answers make of the hosts. */

import { type BlockResults, NOT_COVERED } from '../results/block-results.ts';
import { cellCodeOfOutcome } from '../results/cell-code.ts';
import {
  outcomeNumber,
  reasonNumber,
  reasonOfOutcome,
  statusNumber,
  statusOfOutcome,
} from '../results/outcome.ts';

const DOWN = statusNumber('down');
const UNREACHABLE = statusNumber('unreachable');
const NO_RESPONSE = reasonNumber('no-response');
const OUTCOMES = {
  open: outcomeNumber('up', 'tcp-open'),
  refused: outcomeNumber('up', 'tcp-refused'),
} as const;

/** How a host answered a connection. */
export type HostAnswer = keyof typeof OUTCOMES;

/** A connection to try. */
export interface HostPort {
  readonly host: number;
  readonly port: number;
}

/** In `answers`: of a host that is not tried, and of one that has not answered. */
export const NOT_TRIED = 0;
export const NO_ANSWER = 1;

/** The number of an answer in `answers`. */
export function answerNumber(answer: HostAnswer, port: number): number {
  return 2 + 2 * port + (answer === 'open' ? 0 : 1);
}

/** What a number of `answers` above NO_ANSWER stands for. */
export function answerOfNumber(number: number): { answer: HostAnswer; port: number } {
  const port = Math.floor((number - 2) / 2);
  return { answer: number === answerNumber('open', port) ? 'open' : 'refused', port };
}

export class TcpBlock {
  readonly results: BlockResults;
  /** By host: how it answered, and at which port. */
  readonly answers: Uint32Array;
  /** Hosts to try. */
  readonly tried: number;
  private readonly liveCells: Uint8Array | undefined;
  /** By host: connections that have not ended yet; 0 for a host that is final. */
  private readonly left: Uint16Array;
  /** By host: connections that have begun and not ended. */
  private readonly underWay: Uint16Array;
  private readonly again: HostPort[] = [];
  private readonly source: Generator<HostPort>;
  private unfinished: number;

  /**
   * @param hostAt the host at each position of the order on the wire
   * @param liveCells of the block's hosts, if they are watched
   */
  constructor(
    results: BlockResults,
    ports: readonly number[],
    hostAt: (position: number) => number,
    liveCells: Uint8Array | undefined,
  ) {
    const { count } = results.targets;
    this.results = results;
    this.liveCells = liveCells;
    this.left = Uint16Array.from({ length: count }, (_, host) =>
      isWorthATry(results, host) ? ports.length : 0,
    );
    this.underWay = new Uint16Array(count);
    this.answers = Uint32Array.from(this.left, (left) => (left > 0 ? NO_ANSWER : NOT_TRIED));
    this.tried = this.answers.reduce((sum, each) => sum + each, 0);
    this.unfinished = this.tried;
    this.source = this.connections(ports, hostAt);
  }

  /** Whether all hosts are final. */
  get isDone(): boolean {
    return this.unfinished === 0;
  }

  hasAnswered(host: number): boolean {
    return this.answers[host]! > NO_ANSWER;
  }

  /** The next connection to begin; undefined if there is none at present. */
  next(): HostPort | undefined {
    let next = this.again.pop();
    while (next !== undefined && this.hasAnswered(next.host)) next = this.again.pop();
    next ??= this.source.next().value as HostPort | undefined;
    if (next !== undefined) this.underWay[next.host]!++;
    return next;
  }

  /** Takes a connection back that could not begin; a later `next` has it again. */
  keep(connection: HostPort): void {
    this.underWay[connection.host]!--;
    this.again.push(connection);
  }

  /**
   * Notes the end of a connection. A host that accepts is final. One that refuses is tried at no further port, but may
   * still accept a connection that is under way.
   * @param answer undefined if there was none @returns whether the host became final by it
   */
  end({ host, port }: HostPort, answer: HostAnswer | undefined): boolean {
    if (this.left[host] === 0) return false;
    this.left[host]!--;
    this.underWay[host]!--;
    if (answer === 'open' || (answer === 'refused' && !this.hasAnswered(host))) {
      this.answers[host] = answerNumber(answer, port);
      this.callUp(host, OUTCOMES[answer]);
    }
    const isOver = this.hasAnswered(host) && this.underWay[host] === 0;
    if (answer !== 'open' && !isOver && this.left[host]! > 0) return false;
    this.left[host] = 0;
    this.unfinished--;
    return true;
  }

  /** Leaves the hosts without a row that have not answered and are not final. */
  stop(): void {
    this.left.forEach((left, host) => {
      if (left > 0 && !this.hasAnswered(host)) this.results.status[host] = NOT_COVERED;
    });
    this.left.fill(0);
    this.unfinished = 0;
  }

  private callUp(host: number, outcome: number): void {
    const { status, reason, icmpType, icmpCode, responder } = this.results;
    status[host] = statusOfOutcome(outcome);
    reason[host] = reasonOfOutcome(outcome);
    icmpType[host] = 0;
    icmpCode[host] = 0;
    responder[host] = 0;
    if (this.liveCells !== undefined) this.liveCells[host] = cellCodeOfOutcome(outcome);
  }

  /** Port by port, so that a host that answers is not tried at all of them. */
  private *connections(
    ports: readonly number[],
    hostAt: (position: number) => number,
  ): Generator<HostPort> {
    const { count } = this.results.targets;
    for (const port of ports) {
      for (let position = 0; position < count; position++) {
        const host = hostAt(position);
        if (this.answers[host] === NO_ANSWER && this.left[host]! > 0) yield { host, port };
      }
    }
  }
}

/** Silent, or unreachable according to a router. A host that sent the error itself is known to be there. */
export function isWorthATry({ status, reason, responder }: BlockResults, host: number): boolean {
  if (status[host] === DOWN) return reason[host] === NO_RESPONSE;
  return status[host] === UNREACHABLE && responder[host] !== 0;
}
