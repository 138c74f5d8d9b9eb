/** What a fuzzed property is: a promise, what it is tried on, and how often `npm test` tries it. */

import fc from 'fast-check';

export interface FuzzProperty {
  /** A promise, and the name that it is replayed by. */
  readonly name: string;
  /** Cases in `npm test`; the nightly run tries as many again and again. */
  readonly cases: number;
  /** @returns undefined where the promise held, else the failing case and how to replay it */
  check(attempt: Attempt): Promise<string | undefined>;
}

export interface Attempt {
  readonly seed: number;
  readonly cases: number;
  /** fast-check's own name for one case of a seed, which a failure tells. */
  readonly path?: string;
}

/** @param holds throws where the promise is broken */
export function property<Case extends [unknown, ...unknown[]]>(
  name: string,
  cases: number,
  arbitraries: { [Index in keyof Case]: fc.Arbitrary<Case[Index]> },
  holds: (...values: Case) => void | Promise<void>,
): FuzzProperty {
  const tried = fc.asyncProperty(fc.tuple(...arbitraries), async (values) =>
    holds(...(values as Case)),
  );
  return {
    name,
    cases,
    async check({ seed, cases: numRuns, path }) {
      const details = await fc.check(tried, {
        seed,
        numRuns,
        ...(path === undefined ? {} : { path }),
      });
      if (!details.failed) return undefined;
      const replay = `npm run fuzz -- --property ${JSON.stringify(name)} --seed ${seed} --path ${details.counterexamplePath}`;
      const [values] = details.counterexample ?? [];
      const error = details.errorInstance;
      const reason = error instanceof Error ? error.stack : String(error);
      return `${name}\ncase: ${fc.stringify(values)}\n${reason}\nreplay: ${replay}`;
    },
  };
}

/** An element of a list, in a way that shrinks to its first. */
export function oneOf<Value>(values: readonly Value[]): fc.Arbitrary<Value> {
  return fc.nat({ max: values.length - 1 }).map((index) => values[index]!);
}

export const octet = fc.integer({ min: 0, max: 0xff });
export const uint16 = fc.integer({ min: 0, max: 0xffff });
export const uint32 = fc.integer({ min: 0, max: 0xffff_ffff });
export const family = fc.constantFrom<4 | 6>(4, 6);

/** Processor time of this process so far, milliseconds: a busy machine does not add to it. */
export function processorMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}
