/** What a `<host>` of nmap's XML says, put together from its elements. */

/** One IP address of a `<host>`. A value that is missing or cannot be read is undefined. */
export interface NmapHost {
  /** The line of its address, from 1. */
  readonly line: number;
  /** As written, with its zone if the report keeps it, as only ours do. */
  readonly address: string;
  /** `up`, `down`, `unknown` or `skipped`; undefined in masscan's reports, which list only hosts that answered. */
  readonly state: string | undefined;
  readonly reason: string | undefined;
  readonly ttl: number | undefined;
  readonly mac: string | undefined;
  /** The names that it was given by, or else those of reverse DNS, with blanks between; null if there are none. */
  readonly hostname: string | null;
  /** Smoothed round-trip time, microseconds. */
  readonly srttUs: number | undefined;
  /** When nmap began with it, or else when the run began. */
  readonly startedAt: Date | undefined;
  /** Whether any of its ports was scanned, and whether one of them answered, open or closed. */
  readonly ports: 'none' | 'silent' | 'answered';
  /** The reason of the first port that answered; `echo-reply` for masscan's ICMP. */
  readonly portReason: string | undefined;
}

/** The attributes of an element. */
export type Attributes = Readonly<Record<string, string>>;

const IP_TYPES: readonly string[] = ['ipv4', 'ipv6'];
const ANSWERED: readonly (string | undefined)[] = ['open', 'closed'];

export class NmapHostElements {
  private readonly startedAt: Date | undefined;
  private readonly addresses: { readonly address: string; readonly line: number }[] = [];
  private readonly givenNames: string[] = [];
  private readonly foundNames: string[] = [];
  private state: string | undefined;
  private reason: string | undefined;
  private ttl: number | undefined;
  private mac: string | undefined;
  private srttUs: number | undefined;
  private ports: NmapHost['ports'] = 'none';
  private portReason: string | undefined;
  private protocol: string | undefined;

  /** @param runStartedAt of the run that it belongs to */
  constructor({ starttime }: Attributes, runStartedAt: Date | undefined) {
    this.startedAt = timeOf(starttime) ?? runStartedAt;
  }

  /** An element inside the host. @param line in which its tag ends, from 1 */
  open(name: string, attributes: Attributes, line: number): void {
    switch (name) {
      case 'status':
        this.state = attributes['state'];
        this.reason = attributes['reason'];
        this.ttl = ttlOf(attributes);
        return;
      case 'address':
        this.openAddress(attributes, line);
        return;
      case 'hostname':
        this.openName(attributes);
        return;
      case 'times':
        this.srttUs = wholeNumber(attributes['srtt']);
        return;
      case 'port':
        this.protocol = attributes['protocol'];
        return;
      case 'extraports':
      case 'state':
        this.openPortState(attributes);
    }
  }

  /** The host, once for each of its IP addresses. All share one text of names, since a file may have many of both. */
  *hosts(): Generator<NmapHost> {
    const { state, reason, ttl, mac, srttUs, startedAt, ports, portReason } = this;
    const zoned = this.zonedAddresses();
    const hostname = this.hostnameBesides(new Set(zoned.values()));
    for (const { address, line } of this.addresses) {
      yield {
        line,
        address: zoned.get(address) ?? address,
        hostname,
        ...{ state, reason, ttl, mac, srttUs, startedAt, ports, portReason },
      };
    }
  }

  /** By IPv6 address: the first name that is the address with its zone. */
  private zonedAddresses(): ReadonlyMap<string, string> {
    const zoned = new Map<string, string>();
    const withZone = this.givenNames.filter((name) => name.includes('%'));
    if (withZone.length === 0) return zoned;
    const addresses = new Set(this.addresses.map(({ address }) => address));
    for (const name of withZone) {
      const address = name.slice(0, name.indexOf('%'));
      if (!address.includes(':') || !addresses.has(address) || zoned.has(address)) continue;
      zoned.set(address, name);
    }
    return zoned;
  }

  private hostnameBesides(addresses: ReadonlySet<string>): string | null {
    const given = this.givenNames.filter((name) => !addresses.has(name));
    const names = given.length > 0 ? given : this.foundNames;
    return names.length === 0 ? null : names.join(' ');
  }

  private openAddress({ addr, addrtype = 'ipv4' }: Attributes, line: number): void {
    if (addr === undefined) return;
    if (addrtype === 'mac') this.mac = addr;
    else if (IP_TYPES.includes(addrtype)) this.addresses.push({ address: addr, line });
  }

  private openName({ name, type }: Attributes): void {
    if (name) (type === 'PTR' ? this.foundNames : this.givenNames).push(name);
  }

  private openPortState(attributes: Attributes): void {
    if (this.ports === 'none') this.ports = 'silent';
    if (this.ports === 'answered' || !ANSWERED.includes(attributes['state'])) return;
    this.ports = 'answered';
    // masscan gives no reason for a reply to its ping.
    this.portReason = this.protocol === 'icmp' ? 'echo-reply' : attributes['reason'];
    this.ttl ??= ttlOf(attributes);
  }
}

/** @param seconds since 1970 @returns undefined if it is not a number, or 0 */
export function timeOf(seconds: string | undefined): Date | undefined {
  const value = wholeNumber(seconds);
  return value === undefined || value === 0 ? undefined : new Date(value * 1000);
}

/** nmap writes 0 if it did not see one. */
function ttlOf({ reason_ttl: text }: Attributes): number | undefined {
  const ttl = wholeNumber(text);
  return ttl === undefined || ttl === 0 || ttl > 255 ? undefined : ttl;
}

/** At most twelve digits: so many seconds are a time that a Date can have. */
function wholeNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,12}$/.test(text) ? Number(text) : undefined;
}
