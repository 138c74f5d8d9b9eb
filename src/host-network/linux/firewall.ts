/** Whether rules of the firewall apply to packets that leave this host (nftables and iptables). */

import type { Family } from '../../address.ts';
import { attributesIn, type Dump, errorOf, messagesIn, netlinkDump } from './netlink.ts';
import { mayHaveText } from './proc-file.ts';

/** linux/netlink.h; linux/netfilter/nfnetlink.h: a message's type has its subsystem in the upper octet. */
const NETLINK_NETFILTER = 12;
const NFNL_SUBSYS_NFTABLES = 10 << 8;
/** linux/netfilter/nf_tables.h. */
const NFT_MSG_NEWCHAIN = NFNL_SUBSYS_NFTABLES | 3;
const NFT_MSG_GETCHAIN = NFNL_SUBSYS_NFTABLES | 4;
const CHAIN = { hook: 4, policy: 5, use: 6 } as const;
const HOOK_NUMBER = 1;
/** struct nfgenmsg: family u8, version u8, resource u16; attributes follow. Numbers in them are in network order. */
const GENERAL_OCTETS = 4;
/** linux/netfilter.h: the families of chains that packets of a family meet, and the hooks on their way out. */
const NFPROTO: Readonly<Record<Family, readonly number[]>> = { 4: [1, 2], 6: [1, 10] };
const HOOKS_OUT: readonly number[] = [3, 4];
const NF_ACCEPT = 1;
/** Of a kernel without nftables. */
const EINVAL = 22;

/** The tables of iptables that are in use; only root may read these files. Those of iptables-nft are nftables' own. */
const LEGACY: Readonly<Record<Family, string>> = {
  4: '/proc/net/ip_tables_names',
  6: '/proc/net/ip6_tables_names',
};

/** As `LinkTables.mayFilterDepartures`. */
export function mayFilterDepartures(family: Family): boolean {
  if (mayHaveText(LEGACY[family])) return true;
  const chains = netlinkDump(
    NFT_MSG_GETCHAIN,
    NFT_MSG_NEWCHAIN,
    GENERAL_OCTETS,
    undefined,
    NETLINK_NETFILTER,
  );
  return hasChainOut(chains, family);
}

/** Whether any of these chains has rules for what leaves, or drops it; so too if some of them are missing. */
export function hasChainOut(chains: Dump, family: Family): boolean {
  if (!chains.isWhole) return errorOf(chains) !== EINVAL;
  return chains.parts.some((part) => {
    for (const { at, end } of messagesIn(part, NFT_MSG_NEWCHAIN, GENERAL_OCTETS))
      if (NFPROTO[family].includes(part.getUint8(at)) && isOut(part, at + GENERAL_OCTETS, end))
        return true;
    return false;
  });
}

/** Whether the attributes of a chain say that it is on the way out, and not empty. */
function isOut(part: DataView, start: number, end: number): boolean {
  let isOnWayOut = false;
  let accepts = true;
  let rules = -1;
  for (const { type, at, end: dataEnd } of attributesIn(part, start, end)) {
    if (type === CHAIN.hook) isOnWayOut = HOOKS_OUT.includes(hookNumber(part, at, dataEnd));
    else if (type === CHAIN.policy) accepts = numberAt(part, at, dataEnd) === NF_ACCEPT;
    else if (type === CHAIN.use) rules = numberAt(part, at, dataEnd);
  }
  return isOnWayOut && (!accepts || rules !== 0);
}

/** @returns -1 if it is missing */
function hookNumber(part: DataView, start: number, end: number): number {
  for (const { type, at, end: dataEnd } of attributesIn(part, start, end))
    if (type === HOOK_NUMBER) return numberAt(part, at, dataEnd);
  return -1;
}

/** @returns -1 if it is cut short */
function numberAt(part: DataView, at: number, end: number): number {
  return end - at < 4 ? -1 : part.getUint32(at);
}
