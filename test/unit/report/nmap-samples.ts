/** What nmap 7.93 and masscan 1.3.2 wrote about the lab, shortened. */

function nmapRun(args: string, hosts: string): string {
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<?xml-stylesheet href="file:///usr/bin/../share/nmap/nmap.xsl" type="text/xsl"?>
<!-- Nmap 7.93 scan initiated Sat Nov 28 09:22:28 2026 as: nmap ${args} -->
<nmaprun scanner="nmap" args="nmap ${args}" start="1795857748" startstr="Sat Nov 28 09:22:28 2026" version="7.93" xmloutputversion="1.05">
<verbose level="1"/>
<debugging level="0"/>
${hosts}<runstats><finished time="1795857749" timestr="Sat Nov 28 09:22:29 2026" summary="Nmap done at Sat Nov 28 09:22:29 2026; 19 IP addresses (2 hosts up) scanned in 1.39 seconds" elapsed="1.39" exit="success"/><hosts up="2" down="17" total="19"/>
</runstats>
</nmaprun>
`;
}

/** A local network: nmap puts its own address last. */
export const NMAP_LAN = nmapRun(
  '-sn -n -v -oX lan.xml 10.100.0.0/30 10.100.1.7',
  `<taskbegin task="ARP Ping Scan" time="1795857748"/>
<taskend task="ARP Ping Scan" time="1795857749" extrainfo="4 total hosts"/>
<host><status state="down" reason="no-response" reason_ttl="0"/>
<address addr="10.100.0.2" addrtype="ipv4"/>
</host>
<host><status state="up" reason="arp-response" reason_ttl="0"/>
<address addr="10.100.1.7" addrtype="ipv4"/>
<address addr="56:7C:4A:F1:6E:95" addrtype="mac"/>
<hostnames>
</hostnames>
<times srtt="22" rttvar="3757" to="100000"/>
</host>
<host><status state="up" reason="localhost-response" reason_ttl="0"/>
<address addr="10.100.0.1" addrtype="ipv4"/>
<hostnames>
</hostnames>
</host>
`,
);

/** Routed networks, and what nmap skipped: an address without a route, and a name that does not resolve. */
export const NMAP_ROUTED = nmapRun(
  '-sn -PE -vv -oX far.xml nosuch.invalid 10.79.0.1 10.75.0.1 10.66.0.1 198.51.100.1',
  `<target specification="nosuch.invalid" status="skipped" reason="invalid"/>
<target specification="198.51.100.1" status="skipped" reason="invalid"/>
<host><status state="up" reason="echo-reply" reason_ttl="63"/>
<address addr="10.79.0.1" addrtype="ipv4"/>
<hostnames>
<hostname name="gw.example" type="user"/>
<hostname name="gw-1.example.net" type="PTR"/>
</hostnames>
<times srtt="148" rttvar="5000" to="100000"/>
</host>
<host><status state="down" reason="no-response" reason_ttl="0"/>
<address addr="10.75.0.1" addrtype="ipv4"/>
</host>
<host><status state="down" reason="time-exceeded" reason_ttl="64"/>
<address addr="10.66.0.1" addrtype="ipv4"/>
<times srtt="69" rttvar="5000" to="100000"/>
</host>
`,
);

/** -Pn calls every host up: the first has a port that refuses, the second is not there, the third had no port scanned. */
export const NMAP_ASSUMED = nmapRun(
  '-Pn -n -p 80 -oX pn.xml 10.79.0.1 10.75.0.1 10.75.0.2',
  `<hosthint><status state="up" reason="unknown-response" reason_ttl="0"/>
<address addr="10.79.0.1" addrtype="ipv4"/>
<hostnames>
</hostnames>
</hosthint>
<host starttime="1795857754" endtime="1795857754"><status state="up" reason="user-set" reason_ttl="0"/>
<address addr="10.79.0.1" addrtype="ipv4"/>
<hostnames>
</hostnames>
<ports><port protocol="tcp" portid="80"><state state="closed" reason="reset" reason_ttl="63"/><service name="http" method="table" conf="3"/></port>
</ports>
<times srtt="102" rttvar="5000" to="100000"/>
</host>
<host starttime="1795857754" endtime="1795857754"><status state="up" reason="user-set" reason_ttl="0"/>
<address addr="10.75.0.1" addrtype="ipv4"/>
<hostnames>
</hostnames>
<ports><port protocol="tcp" portid="80"><state state="filtered" reason="no-response" reason_ttl="0"/><service name="http" method="table" conf="3"/></port>
</ports>
</host>
<host><status state="unknown" reason="user-set" reason_ttl="0"/>
<address addr="10.75.0.2" addrtype="ipv4"/>
</host>
`,
);

/** Hosts in the order of their answers, once for each port; its own counts are wrong. */
export const MASSCAN = `<?xml version="1.0"?>
<!-- masscan v1.0 scan -->
<nmaprun scanner="masscan" start="1795857940" version="1.0-BETA"  xmloutputversion="1.03">
<scaninfo type="syn" protocol="tcp" />
<host endtime="1795857940"><address addr="10.79.0.5" addrtype="ipv4"/><ports><port protocol="icmp" portid="0"><state state="open" reason="none" reason_ttl="63"/></port></ports></host>
<host endtime="1795857945"><address addr="10.79.0.3" addrtype="ipv4"/><ports><port protocol="tcp" portid="80"><state state="closed" reason="rst-ack" reason_ttl="63"/></port></ports></host>
<host endtime="1795857946"><address addr="10.79.0.3" addrtype="ipv4"/><ports><port protocol="tcp" portid="22"><state state="closed" reason="rst-ack" reason_ttl="63"/></port></ports></host>
<runstats>
<finished time="1795857945" timestr="2026-11-28 09:25:45" elapsed="5" />
<hosts up="0" down="0" total="0" />
</runstats>
</nmaprun>
`;
