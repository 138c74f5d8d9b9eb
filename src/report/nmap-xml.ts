/** The XML of nmap (`-oX`), valid against nmap.dtd: what nmap -sn -v would write, for the programs that read it. */

import { LOCAL_MAC, vendorOf } from '../mac-vendor.ts';
import type { HostResult } from '../results/host-result.ts';
import type { RunRecord } from '../results/run-record.ts';
import type { ReportFormat, RowWriter } from './format.ts';
import { attributeText } from './nmap/attribute-text.ts';
import { nmapReason, nmapState } from './nmap/outcome-words.ts';
import {
  ctimeText,
  elapsedText,
  hostCounts,
  runProblem,
  runTotals,
  unixSeconds,
} from './nmap/run-facts.ts';
import { OctetWriter } from './octet-writer.ts';

/** That of nmap 7. */
const XML_VERSION = '1.05';
/** nmap never waits less for a host, microseconds. */
const SHORTEST_TIMEOUT_US = 100_000;

export const NMAP_XML: ReportFormat = {
  rows: () => new NmapXmlWriter(),
};

class NmapXmlWriter implements RowWriter {
  private readonly out = new OctetWriter();
  private givenNames: ReadonlyMap<string, string> = new Map();

  begin(
    { version, command, startedAt }: RunRecord,
    givenNames: ReadonlyMap<string, string> = this.givenNames,
  ): string {
    this.givenNames = givenNames;
    // At this level of verbosity nmap lists hosts that are down too.
    return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<nmaprun scanner="nmap" args="${attributeText(command)}" start="${unixSeconds(startedAt)}" startstr="${ctimeText(startedAt)}" version="${attributeText(version)}" xmloutputversion="${XML_VERSION}">
<verbose level="1"/>
<debugging level="0"/>
`;
  }

  rows(rows: Iterable<HostResult>): Uint8Array {
    for (const row of rows) {
      // A cursor puts the text together each time.
      const { address } = row;
      if (address === null) this.writeUnresolved(row);
      else this.writeHost(row, address);
    }
    return this.out.take();
  }

  end(run: RunRecord): string {
    const endedAt = run.endedAt ?? run.startedAt;
    const problem = runProblem(run);
    const exit =
      problem === undefined
        ? 'exit="success"'
        : `exit="error" errormsg="${attributeText(problem)}"`;
    const summary = `echosweep done at ${ctimeText(endedAt)}; ${runTotals(run)}`;
    const { up, down, total } = hostCounts(run);
    return `<runstats><finished time="${unixSeconds(endedAt)}" timestr="${ctimeText(endedAt)}" summary="${summary}" elapsed="${elapsedText(run)}" ${exit}/><hosts up="${up}" down="${down}" total="${total}"/>
</runstats>
</nmaprun>
`;
  }

  /** As nmap does with a name that does not resolve. */
  private writeUnresolved({ hostname }: HostResult): void {
    this.out.ascii('<target specification="');
    this.out.utf8(attributeText(hostname ?? ''));
    this.out.ascii('" status="skipped" reason="invalid"/>\n');
  }

  private writeHost(row: HostResult, address: string): void {
    const { out } = this;
    const { startedAt } = row;
    out.ascii('<host');
    if (startedAt !== null) {
      out.ascii(' starttime="');
      out.integer(unixSeconds(startedAt));
      out.ascii('"');
    }
    out.ascii('><status state="');
    out.ascii(nmapState(row.status));
    out.ascii('" reason="');
    out.ascii(nmapReason(row.reason));
    out.ascii('" reason_ttl="');
    out.integer(row.ttl ?? 0);
    out.ascii('"/>\n');
    this.writeAddresses(address, row.mac);
    this.writeNames(row, address);
    this.writeTimes(row);
    out.ascii('</host>\n');
  }

  /** Without its zone, which nmap leaves out too: Zenmap takes only plain addresses. */
  private writeAddresses(address: string, mac: string | null): void {
    const { out } = this;
    const percent = address.indexOf('%');
    out.ascii('<address addr="');
    out.ascii(percent < 0 ? address : address.slice(0, percent));
    out.ascii(address.includes(':') ? '" addrtype="ipv6"/>\n' : '" addrtype="ipv4"/>\n');
    if (mac === null) return;
    out.ascii('<address addr="');
    out.ascii(mac.toUpperCase());
    out.ascii('" addrtype="mac"');
    const vendor = vendorOf(mac);
    if (vendor !== null && vendor !== LOCAL_MAC) out.utf8(` vendor="${attributeText(vendor)}"`);
    out.ascii('/>\n');
  }

  /** An address with a zone counts as a name that it was given by, so that the zone is not lost. */
  private writeNames({ hostname, status }: HostResult, address: string): void {
    const zoned = address.includes('%');
    if (hostname === null && !zoned && status !== 'up') return;
    this.out.ascii('<hostnames>\n');
    if (zoned) this.writeName(address, 'user');
    if (hostname !== null) {
      const type = this.givenNames.get(address) === hostname ? 'user' : 'PTR';
      for (const name of hostname.split(' ')) this.writeName(name, type);
    }
    this.out.ascii('</hostnames>\n');
  }

  private writeName(name: string, type: 'user' | 'PTR'): void {
    this.out.ascii('<hostname name="');
    this.out.utf8(attributeText(name));
    this.out.ascii('" type="');
    this.out.ascii(type);
    this.out.ascii('"/>\n');
  }

  /** `to` is how long nmap would wait for the next reply: RFC 6298 section 2.3, with nmap's own minimum. */
  private writeTimes({ rttAvgMs, rttStddevMs }: HostResult): void {
    if (rttAvgMs === null) return;
    const { out } = this;
    const srttUs = Math.round(rttAvgMs * 1000);
    const rttvarUs = Math.round((rttStddevMs ?? 0) * 1000);
    out.ascii('<times srtt="');
    out.integer(srttUs);
    out.ascii('" rttvar="');
    out.integer(rttvarUs);
    out.ascii('" to="');
    out.integer(Math.max(SHORTEST_TIMEOUT_US, srttUs + 4 * rttvarUs));
    out.ascii('"/>\n');
  }
}
