/** A strict reader of syslog messages: the grammar of RFC 5424 section 6, and nothing more lenient. */

import assert from 'node:assert/strict';

export interface ReadMessage {
  readonly facility: number;
  readonly severity: number;
  readonly time: string;
  readonly hostname: string;
  readonly kind: string;
  readonly id: string;
  readonly values: Readonly<Record<string, string>>;
  readonly text: string;
}

const HEADER =
  /^<(\d{1,3})>1 (-|\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /;
const SD_NAME = /^[!#-<>-\\^-~]{1,32}/;
/** Any UTF-8 but the three characters that need a backslash, and no control characters, which receivers may alter. */
const PARAM_VALUE = /^(?:[^"\\\]\p{Cc}\p{Cs}]|\\["\\\]])*/u;

/** @throws AssertionError if it is not a message */
export function readSyslog(line: string): ReadMessage {
  const header = HEADER.exec(line);
  assert.ok(header, `no header: ${line}`);
  const [whole, priority, time, hostname, app, process, kind] = header as unknown as string[];
  assert.ok(Number(priority) <= 191);
  assert.deepEqual([app, process], ['echosweep', '-']);
  let rest = line.slice(whole!.length);
  const take = (pattern: RegExp): string => {
    const [taken] = pattern.exec(rest) ?? [];
    assert.ok(taken !== undefined, `expected ${pattern} at ${rest}`);
    rest = rest.slice(taken.length);
    return taken;
  };
  take(/^\[/);
  const id = take(SD_NAME);
  const values: Record<string, string> = {};
  while (rest.startsWith(' ')) {
    take(/^ /);
    const name = take(SD_NAME);
    take(/^="/);
    values[name] = take(PARAM_VALUE).replaceAll(/\\(["\\\]])/g, '$1');
    take(/^"/);
  }
  take(/^\] /);
  // Without a byte order mark the text is of no known encoding, so it is ASCII.
  assert.match(rest, /^[ -~]+$/);
  return {
    facility: Math.floor(Number(priority) / 8),
    severity: Number(priority) % 8,
    time: time!,
    hostname: hostname!,
    kind: kind!,
    id,
    values,
    text: rest,
  };
}
