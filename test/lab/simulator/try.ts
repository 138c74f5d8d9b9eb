/** `node try.js RULES.json COMMAND…`, inside the lab: runs a command beside a simulated network, and tells what happened there. */

import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { assertPrivateNetwork } from '../guard.ts';
import type { RuleFile } from './rules.ts';
import { startSimulation } from './start.ts';

assertPrivateNetwork();
const [rulesPath, command, ...args] = process.argv.slice(2);
const simulation = await startSimulation(JSON.parse(readFileSync(rulesPath!, 'utf8')) as RuleFile);
const done = spawnSync(command!, args, { stdio: 'inherit' });
const { requests, sent, searches } = await simulation.end();
const kinds = ['reply', 'error', 'request'].map(
  (kind) => `${sent.filter((packet) => packet.kind === kind).length} of kind ${kind}`,
);
process.stderr.write(
  `simulated network: ${requests.length} echo requests came, sent were ${kinds.join(', ')}; ` +
    `${searches[4]} ARP and ${searches[6]} NDP requests\n`,
);
process.exitCode = done.status ?? 1;
