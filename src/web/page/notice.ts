/** What the page has to say about what the reader did: shown for a while, and spoken. */

import { signal } from '@preact/signals';

export const notice = signal('');
