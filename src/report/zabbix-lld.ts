/** Low-level discovery for Zabbix: a JSON array of hosts, each an object of LLD macros. */

import { safeJson } from '../words.ts';
import { namesWithout } from './cell-text.ts';
import { hostListFormat, jsonArrayWriter } from './host-list.ts';

/** Of the names of macros, which are in capitals. */
const REFUSED = /[^A-Z0-9_.]/g;
/** What Zabbix takes for the name of a host that is made from a prototype. */
const NAME = /^[\w. -]+$/;
/** Zabbix resolves macros in values too, also those that hold passwords, and has no way to escape one. */
const MACRO_START = /\{/g;

export const ZABBIX_LLD = hostListFormat((columns) => {
  const names = columns.map(({ name }) => name);
  const macros = namesWithout(
    REFUSED,
    // `{#NAME}` is the host name, or the address if there is none that can be a name in Zabbix.
    ['IP', 'NAME', ...names.map((name) => name.toUpperCase())],
  ).map((name) => `{#${name}}`);
  const hostname = names.indexOf('hostname');
  return jsonArrayWriter(({ address, facts }) => {
    const name = facts[hostname] ?? '';
    // Zabbix leaves a macro without a value as it is written.
    const values = [address, NAME.test(name) ? name : address, ...facts.map((fact) => fact ?? '')];
    const given = macros.map((macro, i) => [macro, values[i]!.replace(MACRO_START, '\uFFFD')]);
    return safeJson(Object.fromEntries(given));
  });
});
