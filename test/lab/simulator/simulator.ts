/** The simulated network at work: `node simulator.js RULES.json TRUTH.json`, until its standard input closes. */

import { readFileSync, writeFileSync } from 'node:fs';
import { SIMULATED } from './address-plan.ts';
import { Network } from './network.ts';
import { PacketRing } from './packet-ring.ts';
import { type RuleFile, Rules } from './rules.ts';

/** Rounds between two looks at whether it is to stop. */
const LOOK_EVERY_MS = 20;

const [rulesPath, truthPath] = process.argv.slice(2);
const rules = new Rules(JSON.parse(readFileSync(rulesPath!, 'utf8')) as RuleFile);
const network = new Network(rules, new PacketRing(SIMULATED.farInterface));

let isStopped = false;
process.stdin.on('end', () => {
  isStopped = true;
});
process.stdin.resume();
process.stdout.write('ready\n');
while (!isStopped) {
  network.runFor(LOOK_EVERY_MS * 1e6);
  await new Promise((resolve) => setImmediate(resolve));
}
writeFileSync(truthPath!, JSON.stringify(network.truth()));
