/** Thousands of hostile cases against every parser of what the network, a file or a person gives; `npm run fuzz` tries millions. */

import { randomInt } from 'node:crypto';
import { test } from 'node:test';
import { PROPERTIES } from './properties.ts';

for (const { name, cases, check } of PROPERTIES) {
  test(name, async () => {
    const failure = await check({ seed: randomInt(2 ** 31), cases });
    if (failure !== undefined) throw new Error(failure);
  });
}
