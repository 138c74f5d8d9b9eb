/** The lab's door: nothing sends a packet from a network that the lab did not make. */

import { spawnSync } from 'node:child_process';
import { LAB_INTERFACES } from './address-plan.ts';

/** Interfaces that tests may add start with this, as the lab's own do. */
const LAB_PREFIX = 'lab-';

interface Interface {
  readonly ifname: string;
  readonly flags: readonly string[];
}

/**
 * Makes sure that this process is in the lab's private network. Every lab test does this first.
 * @throws Error if an interface is up that the lab did not make, if the lab's own are missing, or if `ip` fails
 */
export function assertPrivateNetwork(): void {
  const listed = spawnSync('ip', ['-json', 'link', 'show'], { encoding: 'utf8' });
  if (listed.status !== 0) {
    throw new Error(
      `cannot tell whether this network is the lab's: ${listed.error ?? listed.stderr}`,
    );
  }
  const interfaces = JSON.parse(listed.stdout) as Interface[];
  // Kernels put tunnels of their own into each new namespace; they are down, and no packet passes.
  const up = interfaces.filter(({ flags }) => flags.includes('UP')).map(({ ifname }) => ifname);
  const foreign = up.filter((name) => name !== 'lo' && !name.startsWith(LAB_PREFIX));
  const missing = Object.values(LAB_INTERFACES).filter((name) => !up.includes(name));
  if (foreign.length > 0 || missing.length > 0) {
    throw new Error(
      `this is not the lab's network (up: ${up.join(' ')}); run lab tests with npm test, or a command with npm run lab -- COMMAND`,
    );
  }
}
