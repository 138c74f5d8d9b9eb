/** Targets for the file-based service discovery of Prometheus: an address each, with labels. */

import { safeJson } from '../words.ts';
import { namesWithout } from './cell-text.ts';
import { hostListFormat, jsonArrayWriter } from './host-list.ts';

/** Of label names; the first character of ours is always a letter. */
const REFUSED = /[^A-Za-z0-9_]/g;
/**
 * A label is part of what a series is, so one that changes starts a new series. What changes has a prefix by which
 * Prometheus drops it after relabelling: rules can use it, and no series has it.
 */
const PASSING_PREFIX = '__meta_echosweep_';

export const FILE_SD = hostListFormat((columns) => {
  const names = namesWithout(
    REFUSED,
    columns.map(({ name }) => name),
  );
  const labels = columns.map(({ isPassing }, i) => (isPassing ? PASSING_PREFIX : '') + names[i]!);
  return jsonArrayWriter(({ address, facts }) => {
    // An empty label is the same as none.
    const given = labels.flatMap((label, i) => (facts[i] ? [[label, facts[i]]] : []));
    return safeJson({ targets: [address], labels: Object.fromEntries(given) });
  });
});
