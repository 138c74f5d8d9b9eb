/** Names of watched hosts by reverse DNS, each until a server answers, alongside the rounds: none waits for a name server. */

import { ReverseLookup } from '../../names/reverse-dns.ts';
import type { WatchedHosts } from '../../watch/watched-hosts.ts';

export class WatchNames {
  private readonly lookup: ReverseLookup;
  private readonly hosts: WatchedHosts;
  private readonly answered = new Set<string>();
  private isLookingUp = false;

  /** @param dnsServer undefined for those of the system */
  constructor(hosts: WatchedHosts, timeoutMs: number, dnsServer: string | undefined) {
    this.lookup = new ReverseLookup(timeoutMs, { dnsServer });
    this.hosts = hosts;
  }

  /** Looks up the names of hosts that have come up. Resolves at once if there are none, or while others are looked up. */
  async lookUp(signal: AbortSignal): Promise<void> {
    if (this.isLookingUp) return;
    const wanted = this.hosts.all
      .filter(
        ({ address, hostname, status }) =>
          status === 'up' && hostname === null && !this.answered.has(address),
      )
      .map(({ address }) => address);
    if (wanted.length === 0) return;
    this.isLookingUp = true;
    const { names, unanswered } = await this.lookup.namesOf(wanted, signal);
    const silent = new Set(unanswered);
    for (const address of wanted) if (!silent.has(address)) this.answered.add(address);
    for (const [address, name] of names) this.hosts.nameHost(address, name);
    this.isLookingUp = false;
  }

  close(): void {
    this.lookup.close();
  }
}
