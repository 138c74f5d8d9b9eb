/** A notice as a bot of Telegram sends it: text without markup, and the ranges that are bold or preformatted. */

import type { Notice } from '../notice.ts';
import { type Answer, objectIn } from '../post.ts';
import { fittedText, shortened } from './text-that-fits.ts';

/** 4096 UTF-16 code units are allowed, as JavaScript counts them. */
const TITLE = 200;
const TEXT = 3800;

export function telegramBody(notice: Notice, chat: string): object {
  const title = shortened(notice.title, TITLE);
  const text = fittedText(notice, (line) => line.length + 1, TEXT - title.length);
  const bold = { type: 'bold', offset: 0, length: title.length };
  // Nothing in preformatted text is taken for a mention, a command or a link.
  const code = { type: 'pre', offset: title.length + 2, length: text.length };
  return {
    chat_id: chat,
    text: text === '' ? title : `${title}\n\n${text}`,
    entities: text === '' ? [bold] : [bold, code],
    link_preview_options: { is_disabled: true },
    disable_notification: notice.severity === 'info',
  };
}

/** Status 400 may also mean that the bot cannot write to the chat, which can be fixed. */
export function isAboutTheMessage({ said }: Answer): boolean {
  const description = String(objectIn(said)?.['description'] ?? '');
  return /message (text )?is (too long|empty)|entit|message is too long/i.test(description);
}
