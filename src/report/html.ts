/** HTML: one page that holds everything it needs, to be opened in a browser. */

import type { ReportFormat } from './format.ts';
import { PageBuilder } from './html/page-builder.ts';

export const HTML: ReportFormat = {
  /** Writes nothing before the end: the page begins with the totals. */
  rows() {
    const page = new PageBuilder();
    return {
      begin: () => '',
      rows(rows) {
        for (const host of rows) page.add(host);
        return '';
      },
      end: (run) => page.document(run),
    };
  },
};
