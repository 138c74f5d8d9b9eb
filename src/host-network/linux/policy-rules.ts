/** Whether packets are routed by more than their destination: if so, /proc does not show everything about a route (ip-rule(8)). */

import type { Family } from '../../address.ts';
import { attributeAt, type Dump, messagesIn, netlinkDump } from './netlink.ts';

/** linux/rtnetlink.h, linux/fib_rules.h. */
const RTM_NEWRULE = 32;
const RTM_GETRULE = 34;
const FRA_TABLE = 15;
/** struct fib_rule_hdr: family u8, two prefix lengths, tos, table u8 at 4, …; attributes follow. */
const RULE_OCTETS = 12;
/** `default`, `main` and `local`, which every system starts with. */
const USUAL_TABLES: readonly number[] = [253, 254, 255];

/** As `LinkTables.hasPolicyRules`: whether a rule leads to a table other than the usual ones, or the rules cannot be read. */
export function hasPolicyRules(family: Family): boolean {
  return leadsElsewhere(netlinkDump(RTM_GETRULE, RTM_NEWRULE, RULE_OCTETS, family));
}

/** Whether a rule of a table of them leads to another table than the usual ones; so too if some of it is missing. */
export function leadsElsewhere({ parts, isWhole }: Dump): boolean {
  if (!isWhole) return true;
  return parts.some((part) => {
    for (const { at, end } of messagesIn(part, RTM_NEWRULE, RULE_OCTETS)) {
      const wide = attributeAt(part, at + RULE_OCTETS, end, FRA_TABLE, 4);
      const table = wide >= 0 ? part.getUint32(wide, true) : part.getUint8(at + 4);
      if (!USUAL_TABLES.includes(table)) return true;
    }
    return false;
  });
}
