/** A notice as Slack's incoming webhooks take it: a header, and sections of preformatted text (Block Kit). */

import type { Notice } from '../notice.ts';
import { fittedText, shortened } from './text-that-fits.ts';

/** Of a header and of a section: 150 and 3000 characters are allowed. */
const HEADER = 150;
const SECTION = 2900;
/** Of all sections: Slack refuses more than about 13,000 characters as `msg_blocks_too_long`. */
const TOTAL = 9000;

/** The three characters that Slack gives a meaning. Backquotes would end the preformatted text. */
function escaped(text: string): string {
  return text
    .replaceAll('`', "'")
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;');
}

export function slackBody(notice: Notice): object {
  const text = fittedText(notice, (line) => escaped(line).length + 1, TOTAL);
  const sections: string[] = [];
  for (const line of text === '' ? [] : text.split('\n').map(escaped)) {
    const open = sections.at(-1);
    if (open !== undefined && open.length + 1 + line.length <= SECTION) {
      sections[sections.length - 1] = `${open}\n${line}`;
    } else sections.push(line);
  }
  const title = shortened(notice.title, HEADER);
  return {
    // For notifications, which show no blocks.
    text: escaped(title),
    blocks: [
      { type: 'header', text: { type: 'plain_text', text: title, emoji: false } },
      ...sections.map((section) => ({
        type: 'section',
        // Without `verbatim`, names of channels and people in it would become links, and notify them.
        text: { type: 'mrkdwn', text: `\`\`\`${section}\`\`\``, verbatim: true },
      })),
    ],
    unfurl_links: false,
    unfurl_media: false,
  };
}
