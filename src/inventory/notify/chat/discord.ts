/** A notice as the webhooks of Discord take it: an embed with preformatted text, which mentions no one. */

import type { ChangeSeverity } from '../../host-memory.ts';
import type { Notice } from '../notice.ts';
import { fittedText, shortened } from './text-that-fits.ts';

/** 256 and 4096 characters are allowed, and 6000 in all; each character of the title may have a backslash. */
const TITLE = 128;
const DESCRIPTION = 4000;

const COLOURS: Readonly<Record<ChangeSeverity, number>> = {
  alarm: 0xc62828,
  notice: 0xef6c00,
  info: 0x1565c0,
};

export function discordBody(notice: Notice): object {
  const text = fittedText(notice, (line) => line.length + 1, DESCRIPTION).replaceAll('`', "'");
  return {
    embeds: [
      {
        title: shortened(notice.title, TITLE).replaceAll(/[\\*_~`|<>[\]()@#]/g, '\\$&'),
        ...(text === '' ? {} : { description: `\`\`\`\n${text}\n\`\`\`` }),
        color: COLOURS[notice.severity],
      },
    ],
    allowed_mentions: { parse: [] },
  };
}
