/** What a hostile network does to an echo request: answers truly, late, twice or from elsewhere, lies, breaks, or says nothing. */

import fc from 'fast-check';
import { OFFSET } from '../../src/probe/echo-request.ts';
import { type Arrival, icmpError, type Request, reply } from '../unit/probe/scripted-packets.ts';
import { mutations } from './octet-mutations.ts';

/** What comes of a request; of that, valid replies of the host's own, and errors that quote the request. */
export interface Answer {
  readonly arrivals: readonly Arrival[];
  readonly replies: number;
  readonly errors: number;
}

/** Plain data, so that a failing case can be read. */
export type Deed = typeof deed extends fc.Arbitrary<infer Value> ? Value : never;

const afterMs = fc.oneof(
  fc.integer({ min: 0, max: 30 }),
  fc.integer({ min: 0, max: 5000 }),
  // By clocks that disagree.
  fc.constant(-3),
);
const type = fc.constantFrom(3, 11, 12, 1, 2, 4);
const what = <Word extends string>(word: Word): fc.Arbitrary<Word> => fc.constant(word);

export const deed = fc.oneof(
  { weight: 4, arbitrary: fc.record({ what: what('silence') }) },
  {
    weight: 4,
    arbitrary: fc.record({
      what: what('reply'),
      delaysMs: fc.array(afterMs, { minLength: 1, maxLength: 3 }),
      isElsewhere: fc.boolean(),
    }),
  },
  // Where a reply says what it is an answer to: whatever is changed there makes it nobody's.
  fc.record({
    what: what('forged reply'),
    afterMs,
    at: fc.constantFrom(
      ...[OFFSET.identifier, OFFSET.sequence, OFFSET.token, OFFSET.token + 4],
      ...[OFFSET.block, OFFSET.host],
    ),
    change: fc.integer({ min: 1, max: 0xffff }),
  }),
  fc.record({ what: what('cut reply'), afterMs, length: fc.integer({ min: 8, max: 31 }) }),
  fc.record({ what: what('broken reply'), afterMs }),
  fc.record({
    what: what('error'),
    afterMs,
    type,
    code: fc.nat({ max: 16 }),
    quoted: fc.integer({ min: 8, max: 64 }),
  }),
  fc.record({
    what: what('error about another probe'),
    afterMs,
    type,
    change: fc.integer({ min: 1, max: 0xffff }),
  }),
  fc.record({ what: what('error about a stranger'), afterMs, type, code: fc.nat({ max: 16 }) }),
  fc.record({
    what: what('noise'),
    afterMs,
    message: fc.uint8Array({ minLength: 8, maxLength: 90 }),
  }),
  fc.record({ what: what('echo of the request'), afterMs, mutate: mutations }),
);

const only = (arrivals: readonly Arrival[]): Answer => ({ arrivals, replies: 0, errors: 0 });

/** @param stranger an address that is asked nothing */
export function answerBy(deed: Deed, request: Request, stranger: string): Answer {
  switch (deed.what) {
    case 'silence':
      return only([]);
    case 'reply': {
      const from = deed.isElsewhere ? stranger : request.address;
      const arrivals = deed.delaysMs.map((afterMs) => reply(request, { afterMs, from }));
      return { arrivals, replies: arrivals.length, errors: 0 };
    }
    case 'forged reply': {
      const change = (view: DataView): void =>
        view.setUint16(deed.at, view.getUint16(deed.at) ^ deed.change);
      return only([reply(request, { afterMs: deed.afterMs, change })]);
    }
    case 'cut reply':
      return only([reply(request, { afterMs: deed.afterMs, length: deed.length })]);
    case 'broken reply':
      // Of IPv6 the kernel shows nobody a message whose checksum is wrong.
      return only(
        request.address.includes(':')
          ? []
          : [reply(request, { afterMs: deed.afterMs, spoil: true })],
      );
    case 'error':
      return {
        ...only([icmpError(request, deed.type, deed.code, deed)]),
        errors: 1,
      };
    case 'error about another probe': {
      const change = (quote: DataView): void =>
        quote.setUint16(OFFSET.sequence, quote.getUint16(OFFSET.sequence) ^ deed.change);
      return only([icmpError(request, deed.type, 1, { afterMs: deed.afterMs, change })]);
    }
    case 'error about a stranger': {
      const { afterMs } = deed;
      return only([
        icmpError(request, deed.type, deed.code, { afterMs, destination: stranger, quoted: 8 }),
      ]);
    }
    case 'noise':
      return only([{ ...deed, from: stranger }]);
    case 'echo of the request': {
      const message = deed.mutate(request.message);
      // Made a reply, and its checksum by chance a right one, it would be a valid reply.
      const isReply = message.length < 8 || message[0] === 0 || message[0] === 129;
      return only(isReply ? [] : [{ afterMs: deed.afterMs, message, from: stranger }]);
    }
  }
}
