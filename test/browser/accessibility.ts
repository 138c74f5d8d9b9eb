/** What keeps a page from people who do not see it, or do not use a mouse, by axe. */

import type { Page } from 'playwright-core';

/** Rows like those before them: axe takes seconds for hundreds. */
const REPEATED = ['.rows .row', '.change', '.day', '.result'].map(
  (row) => `${row}:nth-of-type(n + 4)`,
);

/** What axe finds wrong in a page into which it has been put. @param rules all of axe if left out */
export async function accessibilityFaults(
  page: Page,
  rules?: readonly string[],
): Promise<string[]> {
  // What passes is not described, which takes most of the time.
  const options = { resultTypes: ['violations'], ...(rules && { runOnly: rules }) };
  const context = JSON.stringify({ exclude: REPEATED });
  const found = (await page.evaluate(`axe.run(${context}, ${JSON.stringify(options)})`)) as {
    violations: { id: string; nodes: { target: string[]; failureSummary: string }[] }[];
  };
  return found.violations.flatMap(({ id, nodes }) =>
    nodes.map(({ target, failureSummary }) => `${id} ${target.join()}: ${failureSummary}`),
  );
}
