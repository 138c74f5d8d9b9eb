/** What an ICMP error says about a host, as a reason of the report. */

import type { Family } from '../address.ts';
import { type Reason, reasonNumber } from '../results/outcome.ts';
import { ERROR_TYPE } from '../wire/icmp.ts';

const TIME_EXCEEDED: readonly Reason[] = ['time-exceeded', 'reassembly-exceeded'];

const PARAMETER_PROBLEM: readonly Reason[] = [
  'parameter-problem',
  'parameter-problem',
  'parameter-problem',
];

/** By type, then by code. */
const REASONS_BY_TYPE: Readonly<Record<Family, Readonly<Record<number, readonly Reason[]>>>> = {
  4: {
    [ERROR_TYPE[4].unreachable]: [
      'net-unreach',
      'host-unreach',
      'proto-unreach',
      'port-unreach',
      'frag-needed',
      'source-route-failed',
      'net-unknown',
      'host-unknown',
      'host-isolated',
      'net-prohibited',
      'host-prohibited',
      'net-tos-unreach',
      'host-tos-unreach',
      'admin-prohibited',
      'precedence-violation',
      'precedence-cutoff',
    ],
    [ERROR_TYPE[4].timeExceeded]: TIME_EXCEEDED,
    [ERROR_TYPE[4].parameterProblem]: PARAMETER_PROBLEM,
  },
  6: {
    [ERROR_TYPE[6].unreachable]: [
      'no-route',
      'admin-prohibited',
      'beyond-scope',
      'address-unreach',
      'port-unreach',
      'source-policy',
      'reject-route',
      'source-routing-error',
    ],
    [ERROR_TYPE[6].packetTooBig]: ['packet-too-big'],
    [ERROR_TYPE[6].timeExceeded]: TIME_EXCEEDED,
    [ERROR_TYPE[6].parameterProblem]: PARAMETER_PROBLEM,
  },
};

const NUMBERS_BY_TYPE = {
  4: numbersOf(REASONS_BY_TYPE[4]),
  6: numbersOf(REASONS_BY_TYPE[6]),
} as const;

/** @returns the number of the reason in REASONS, or -1 if this type and code do not give an outcome */
export function errorReason(family: Family, type: number, code: number): number {
  return NUMBERS_BY_TYPE[family].get((type << 8) | code) ?? -1;
}

function numbersOf(
  byType: Readonly<Record<number, readonly Reason[]>>,
): ReadonlyMap<number, number> {
  return new Map(
    Object.entries(byType).flatMap(([type, reasons]) =>
      reasons.map((reason, code): [number, number] => [
        (Number(type) << 8) | code,
        reasonNumber(reason),
      ]),
    ),
  );
}
