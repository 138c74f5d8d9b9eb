/** Low-level discovery for Zabbix: a JSON array of hosts, each an object of LLD macros. */

import { safeJson } from '../words.ts';
import { namesWithout } from './cell-text.ts';
import { hostListFormat, jsonArrayWriter } from './host-list.ts';

/** Of the names of macros, which are in capitals. */
const REFUSED = /[^A-Z0-9_.]/g;

export const ZABBIX_LLD = hostListFormat((columns) => {
  const names = columns.map(({ name }) => name);
  const macros = namesWithout(
    REFUSED,
    // `{#IP}` and `{#NAME}` are taken, the latter by the host name.
    ['IP', 'NAME', ...names.map((name) => name.toUpperCase())],
  ).map((name) => `{#${name}}`);
  const hostname = names.indexOf('hostname');
  return jsonArrayWriter(({ address, facts }) => {
    // Zabbix leaves a macro without a value as it is written, and a name must not be empty.
    const values = [address, facts[hostname] || address, ...facts.map((fact) => fact ?? '')];
    return safeJson(Object.fromEntries(macros.map((macro, i) => [macro, values[i]])));
  });
});
