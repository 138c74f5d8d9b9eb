/** A notice as a workflow of Microsoft Teams takes it: an Adaptive Card whose text has no markup. */

import type { ChangeSeverity } from '../../host-memory.ts';
import type { Notice } from '../notice.ts';
import { fitted, shortened } from './text-that-fits.ts';

/** Octets of all text with what is around it: 28 KB are documented, but some tenants refuse more than 21 KB. */
const TOTAL = 17_000;
/** Of a line's block, without its text. */
const BLOCK_OCTETS = 140;
const TITLE = 200;

const COLOURS: Readonly<Record<ChangeSeverity, string>> = {
  alarm: 'Attention',
  notice: 'Warning',
  info: 'Default',
};

export function teamsBody(notice: Notice): object {
  const octets = (line: string): number => Buffer.byteLength(JSON.stringify(line)) + BLOCK_OCTETS;
  const color = COLOURS[notice.severity];
  const title = { size: 'Medium', weight: 'Bolder', color };
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          fallbackText: shortened(notice.title, TITLE),
          msteams: { width: 'Full' },
          body: [
            block(shortened(notice.title, TITLE), title, 'Default'),
            ...fitted(notice, octets, TOTAL).flatMap(({ heading, lines }) => [
              block(heading, { weight: 'Bolder' }, 'Medium'),
              ...lines.map((line) => block(line, { fontType: 'Monospace' }, 'None')),
            ]),
          ],
        },
      },
    ],
  };
}

/** Text runs are shown as they are, unlike text blocks, which are Markdown. */
function block(text: string, style: object, spacing: string): object {
  return { type: 'RichTextBlock', spacing, inlines: [{ type: 'TextRun', text, ...style }] };
}
