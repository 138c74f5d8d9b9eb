/** A dynamic inventory for Ansible: what an inventory script prints for `--list`, with variables and groups of hosts. */

import { safeJson } from '../words.ts';
import { namesWithout } from './cell-text.ts';
import { hostListFormat } from './host-list.ts';
import { OctetWriter } from './octet-writer.ts';

/** Variables and groups have the names that Python gives to identifiers. */
const REFUSED = /[^\p{L}\p{N}_]/gu;
/** Facts whose values make groups, such as `network_office`; a host has one group for each of its tags. */
const GROUPS: Readonly<Record<string, string>> = {
  status: 'status',
  state: 'state',
  network: 'network',
  site: 'site',
  tags: 'tag',
};
/** What starts a template of Jinja. A name from a reverse zone must not run code on the host that runs Ansible. */
const TEMPLATE = /\{[{%#]/;

/**
 * The variables are written as the hosts come. The members of the groups can follow only at the end, so this one format
 * keeps something of each host: its address, as octets, in each of its groups.
 */
export const ANSIBLE = hostListFormat((columns) => {
  const groups = new Map<string, OctetWriter>();
  const variables = namesWithout(
    REFUSED,
    columns.map(({ name }) => `echosweep_${name}`),
  );
  const join = (group: string, host: string): void => {
    let members = groups.get(group);
    if (members === undefined) {
      members = new OctetWriter(FIRST_OCTETS_OF_A_GROUP);
      groups.set(group, members);
    }
    if (members.length > 0) members.ascii(',');
    members.utf8(host);
  };
  let separator = '\n';
  return {
    begin: () => '{"_meta":{"hostvars":{',
    rows(hosts) {
      let lines = '';
      for (const { address: written, facts } of hosts) {
        // The zone of an imported report may be any text, and the name of a host cannot be marked as unsafe.
        const address = written.replaceAll('{', '\uFFFD');
        const host = safeJson(address);
        const values: Record<string, unknown> = { ansible_host: address };
        columns.forEach(({ name }, i) => {
          const fact = facts[i]!;
          if (!fact) return;
          values[variables[i]!] = unsafe(fact);
          for (const group of groupsOf(name, fact)) join(group, host);
        });
        lines += `${separator}${host}:${safeJson(values)}`;
        separator = ',\n';
      }
      return lines;
    },
    end() {
      const out = new OctetWriter();
      out.ascii('\n}}');
      for (const [group, members] of groups) {
        out.utf8(`,\n${safeJson(group)}:{"hosts":[`);
        out.copy(members.take());
        out.ascii(']}');
      }
      out.ascii('\n}\n');
      return out.take();
    },
  };
});

const FIRST_OCTETS_OF_A_GROUP = 256;

function groupsOf(name: string, fact: string): string[] {
  const kind = GROUPS[name];
  if (kind === undefined) return [];
  const values = name === 'tags' ? fact.split(',') : [fact];
  return values.filter(Boolean).map((value) => `${kind}_${value.replace(REFUSED, '_')}`);
}

/** Text that Ansible takes for text, even if it looks like a template. */
function unsafe(text: string): string | { readonly __ansible_unsafe: string } {
  return TEMPLATE.test(text) ? { __ansible_unsafe: text } : text;
}
