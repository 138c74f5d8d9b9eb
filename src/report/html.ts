/** HTML: one page that holds everything it needs, to be looked at in a browser. */

import type { ReportFormat } from './format.ts';
import { PageBuilder } from './html/page-builder.ts';

/** Nothing is written before the end: the page begins with what the sweep comes to. */
export function htmlFormat(): ReportFormat {
  const page = new PageBuilder();
  return {
    begin: () => '',
    rows(rows) {
      for (const host of rows) page.add(host);
      return '';
    },
    end: (run) => page.document(run),
  };
}
