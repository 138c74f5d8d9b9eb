/** Where the simulated network lies, as the lab's client sees it. */

/** A connected subnet, on which the simulator answers ARP and NDP, and two ranges behind its gateway. */
export const SIMULATED = {
  interface: 'lab-sim',
  /** The simulator's end, in the namespace of this name. */
  place: 'sim',
  farInterface: 'client',
  client4: '198.18.0.1',
  client6: '2001:db8:200::1',
  /** Prefix length 16, and 64. */
  link4: '198.18.0.0/16',
  link6: '2001:db8:200::/64',
  gateway4: '198.18.255.254',
  gateway6: '2001:db8:200::fe',
  far4: '100.64.0.0/10',
  far6: '2001:db8:100::/40',
  clientMac: '02:00:00:00:00:01',
  gatewayMac: '02:00:00:00:00:fe',
} as const;
