/** How a lab test is declared: in the lab's network or not at all. */

import { before, test } from 'node:test';
import { assertPrivateNetwork } from './guard.ts';
import { forgetNeighbours, forgetPathMtus } from './learned-paths.ts';

/** Why there is no lab here; set by scripts/test.mjs. */
const skipReason = process.env['LAB_SKIP'];
if (skipReason === undefined) {
  assertPrivateNetwork();
  // All namespaces share the limits of one table: what an earlier file filled would make routers here drop packets.
  before(forgetNeighbours);
  before(forgetPathMtus);
}

const DEADLINE_MS = 240_000;

/** A test that needs the lab; without one it counts as skipped. It fails after four minutes unless given longer: a busy machine is no failure. */
export function labTest(
  promise: string,
  body: () => void | Promise<void>,
  deadlineMs = DEADLINE_MS,
): void {
  test(promise, { skip: skipReason ?? false, timeout: deadlineMs }, body);
}

/** A lab test that needs more than the lab. @param missing what is not available here; undefined if everything is */
export function labTestUnless(
  missing: string | undefined,
  promise: string,
  body: () => void | Promise<void>,
  deadlineMs = DEADLINE_MS,
): void {
  test(promise, { skip: skipReason ?? missing ?? false, timeout: deadlineMs }, body);
}
