/** Answers from the inventory as it is when a request arrives: a reload meanwhile takes nothing away from it. */

import type { Inventory } from '../service/inventory.ts';

/** @param answer gets the inventory with its present configuration and store, which stays open until it is done */
export async function throughReloads<Answer>(
  inventory: Inventory,
  answer: (present: Inventory) => Promise<Answer>,
): Promise<Answer> {
  const { questions, networks, file, store, scans } = inventory;
  const release = store.hold();
  try {
    return await answer({
      questions,
      networks,
      file,
      store,
      scans,
      get problem() {
        return inventory.problem;
      },
      subscribe: (listener) => inventory.subscribe(listener),
    });
  } finally {
    release();
  }
}
