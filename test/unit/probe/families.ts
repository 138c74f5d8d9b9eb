/** The same tests for IPv4 and IPv6. */

import { describe } from 'node:test';
import type { Family } from '../../../src/address.ts';
import { ScriptedNetwork } from './scripted-network.ts';
import type { Script } from './scripted-packets.ts';

export const HOST: Readonly<Record<Family, string>> = { 4: '198.51.100.7', 6: '2001:db8:1::7' };

/** What the tests of one family need. */
interface InFamily {
  readonly family: Family;
  readonly host: string;
  /** ICMP type of an error that names the host unreachable. */
  readonly unreachable: number;
  network(script: Script): ScriptedNetwork;
}

export function inEachFamily(tests: (one: InFamily) => void): void {
  for (const family of [4, 6] as const) {
    describe(`IPv${family}`, () =>
      tests({
        family,
        host: HOST[family],
        unreachable: family === 4 ? 3 : 1,
        network: (script) => new ScriptedNetwork(family, script),
      }));
  }
}
