/** Tries every property in turn, with new cases each time, until the time is over: started by scripts/fuzz.mjs. */

import { randomInt } from 'node:crypto';
import process from 'node:process';
import { parseArgs } from 'node:util';
import { PROPERTIES } from './properties.ts';

/** What scripts/fuzz.mjs is told before each turn, so that it can say where a hang began. */
export interface Turn {
  readonly property: string;
  readonly seed: number;
}

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '3600' },
    seed: { type: 'string' },
    property: { type: 'string', multiple: true },
    path: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const firstSeed = values.seed === undefined ? randomInt(2 ** 30) : Number(values.seed);
const properties = PROPERTIES.filter(({ name }) => values.property?.includes(name) ?? true);
if (!(seconds > 0) || !Number.isSafeInteger(firstSeed) || properties.length === 0) {
  process.stderr.write(
    'usage: npm run fuzz -- [--seconds N] [--seed N] [--property NAME [--path PATH]]\n',
  );
  process.exit(3);
}

process.stdout.write(`seed ${firstSeed}\n`);
const tried = new Map<string, number>();
const failures: string[] = [];
const endsAt = performance.now() + seconds * 1000;
const isReplay = values.path !== undefined;
// Each turn has a seed of its own: small cases, which find most, come first with every seed.
for (let turn = 0; isReplay ? turn === 0 : performance.now() < endsAt; turn++) {
  for (const { name, cases, check } of properties) {
    if (turn > 0 && performance.now() >= endsAt) break;
    const seed = (firstSeed + turn) % 2 ** 31;
    process.send?.({ property: name, seed } satisfies Turn);
    const path = values.path === undefined ? {} : { path: values.path };
    const failure = await check({ seed, cases, ...path });
    tried.set(name, (tried.get(name) ?? 0) + (isReplay ? 1 : cases));
    if (failure !== undefined) failures.push(failure);
  }
  if (failures.length > 0) break;
}

for (const [name, cases] of tried) process.stdout.write(`${String(cases).padStart(10)}  ${name}\n`);
const all = [...tried.values()].reduce((sum, cases) => sum + cases, 0);
process.stdout.write(`${all} cases, ${failures.length} properties broken\n`);
for (const failure of failures) process.stderr.write(`\nFAILED ${failure}\n`);
if (failures.length > 0) process.exitCode = 1;
