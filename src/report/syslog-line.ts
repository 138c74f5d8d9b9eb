/** One message of syslog (RFC 5424), its values as structured data. */

import { safeText } from '../words.ts';

/** Of RFC 5424 table 1: those that programs may choose. */
export const FACILITIES = {
  user: 1,
  daemon: 3,
  local0: 16,
  local1: 17,
  local2: 18,
  local3: 19,
  local4: 20,
  local5: 21,
  local6: 22,
  local7: 23,
} as const;
export type Facility = keyof typeof FACILITIES;

/** Of RFC 5424 table 2: those that we use. */
export type Severity = 'warning' | 'notice' | 'info';
const SEVERITIES: Readonly<Record<Severity, number>> = { warning: 4, notice: 5, info: 6 };

/** A value by its name; a `null` one is left out. */
export type SyslogValue = readonly [name: string, value: string | null];

export interface SyslogMessage {
  readonly facility: Facility;
  readonly severity: Severity;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** The host that echosweep runs on. */
  readonly hostname: string;
  /** The kind of message: at most 32 printable ASCII characters. */
  readonly kind: string;
  readonly values: readonly SyslogValue[];
  /** A line of safe text. */
  readonly text: string;
}

/** With the enterprise number that IANA keeps for documentation (RFC 5612): we have none of our own. */
const STRUCTURE = 'echosweep@32473';
const NIL = '-';

/** Without a line end. */
export function syslogLine(message: SyslogMessage): string {
  const { facility, severity, time, hostname, kind, values, text } = message;
  const priority = FACILITIES[facility] * 8 + SEVERITIES[severity];
  const host = /^[!-~]{1,255}$/.test(hostname) ? hostname : NIL;
  let data = `[${STRUCTURE}`;
  for (const [name, value] of values) {
    if (value !== null) data += ` ${parameterName(name)}="${parameterValue(value)}"`;
  }
  // Text that is not ASCII would have to begin with a byte order mark, which many receivers show (section 6.4).
  const plain = text.replace(/[^ -~]/g, '?');
  return `<${priority}>1 ${time} ${host} echosweep ${NIL} ${kind} ${data}] ${plain}`;
}

/** SD-NAME of section 6.3.2: a file of known hosts may have any headings. */
function parameterName(name: string): string {
  return name.replace(/[^!-~]|[="\]]/g, '_').slice(0, 32);
}

/** Nearly all values, recognised at a fraction of the cost. */
const HARMLESS = /^[\w.:%+-]*$/;

/** Section 6.3.3. Receivers that read lines would end one at a line break. */
function parameterValue(value: string): string {
  if (HARMLESS.test(value)) return value;
  return safeText(value).replace(/["\\\]]/g, '\\$&');
}

/** Changes that need a look. */
export const WARNED_OF: readonly string[] = ['gone', 'flapping', 'conflict', 'mac-changed'];

/** @param change its kind */
export function changeSeverity(change: string): Severity {
  return WARNED_OF.includes(change) ? 'warning' : 'notice';
}
