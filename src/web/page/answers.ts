/** What the API answers, as far as the page reads it. */

export type HostState = 'up' | 'missing' | 'gone' | 'silent' | 'unasked';

export type SignInWay = 'link' | 'password' | 'proxy' | 'oidc' | 'token';

export interface Session {
  /** Null before sign-in. */
  readonly user: string | null;
  readonly role: 'view' | 'edit' | null;
  readonly sign_in: SignInWay | null;
  /** Ways to sign in. */
  readonly ways: readonly SignInWay[];
  readonly version: string | null;
  readonly can_scan: boolean;
  readonly networks: number | null;
  /** How many there are whose agents scan networks; null before sign-in. */
  readonly sites: number | null;
}

/** A part of a longer list. */
export interface Page<Item> {
  readonly items: readonly Item[];
  /** Cursor of the part behind it. */
  readonly next: string | null;
  readonly total: number;
}

interface HostCounts {
  readonly present: number;
  readonly missing: number;
  readonly gone: number;
  readonly unscanned: number | null;
  readonly free: number | null;
  readonly new_7d: number;
  readonly conflicts: number;
  readonly unknown: number;
  readonly total: number | null;
}

interface LastScan {
  readonly started_at: string;
  readonly ended_at: string;
  readonly up: number;
  readonly targets: number;
  readonly partial: boolean;
  readonly doubt: string | null;
  readonly rtt_median_ms: number | null;
  readonly rtt_p95_ms: number | null;
}

/** How far a scan is. */
export interface Progress {
  readonly network: string;
  readonly started_at: string;
  readonly done: number;
  readonly targets: number;
  readonly up: number;
  readonly rate_pps: number | null;
  readonly left_ms: number | null;
}

export interface Network {
  readonly name: string;
  readonly targets: readonly string[];
  readonly site?: string | null;
  readonly hosts: HostCounts;
  readonly used_pct: number | null;
  readonly last_scan: LastScan | null;
  readonly next_scan: string | null;
  readonly running: Progress | null;
  readonly requested: boolean;
  /** Base64: a cell code for each equal share of its addresses, the worst of it. */
  readonly strip: string;
  /** Of one network alone, not in the list of all. */
  readonly subnets?: readonly Subnet[];
}

/** A site whose agents scan networks. */
export interface Site {
  readonly site: string;
  readonly state: 'heard' | 'silent' | 'unknown';
  readonly heard_at: string | null;
  readonly agents: readonly {
    readonly agent: string;
    readonly state: 'heard' | 'silent';
    readonly version: string;
    readonly doubts: readonly string[];
  }[];
}

/** A /24, or an IPv6 /64. */
export interface Subnet {
  readonly subnet: string;
  readonly total: number;
  readonly present: number;
  readonly missing: number;
  readonly gone: number;
  readonly free: number;
}

export interface NetworkMap {
  /** First address and number of addresses of each run. */
  readonly runs: readonly (readonly [string, number])[];
  /** Base64, an octet an address: what the latest scan said of it, as `cellCode` has it. */
  readonly cells: string;
  /** Base64, an octet an address: the number of its address state. */
  readonly states: string;
  /** Addresses of the network, also beyond those on the map. */
  readonly total: number;
}

export interface NetworkDay {
  readonly day: string;
  readonly used: number;
  readonly rtt_median_ms: number | null;
}

export interface NetworkHistory {
  readonly days: readonly NetworkDay[];
}

/** What people write about a host. */
export interface HostNote {
  readonly name: string | null;
  readonly owner: string | null;
  readonly note: string | null;
  readonly tags: readonly string[];
  readonly known: boolean | null;
  readonly muted_until: string | null;
  readonly gone_after: number | null;
}

export interface Host {
  readonly network: string;
  readonly address: string;
  readonly hostname: string | null;
  readonly state: HostState;
  readonly reason: string | null;
  readonly mac: string | null;
  readonly vendor: string | null;
  readonly other_mac: string | null;
  readonly rtt_ms: number | null;
  readonly first_seen: string | null;
  readonly last_seen: string | null;
  readonly known: string | null;
  /** Of the known hosts. */
  readonly fields: Readonly<Record<string, string>>;
  readonly note: HostNote | null;
}

/** A name, a MAC address or an address that a host had. */
interface Had {
  readonly value: string;
  readonly first_seen: string | null;
  readonly last_seen: string | null;
}

export interface HostFacts extends Host {
  readonly names: readonly Had[];
  readonly macs: readonly Had[];
  /** Other addresses of its MAC address. */
  readonly addresses: readonly Had[];
  readonly conflicts: readonly { readonly macs: readonly [string, string]; readonly at: string }[];
}

/** A day or an hour of a host. */
export interface Span {
  readonly from: string;
  readonly asked: number;
  readonly up: number;
  readonly loss_pct: number | null;
  readonly rtt_min_ms: number | null;
  readonly rtt_median_ms: number | null;
  readonly rtt_p95_ms: number | null;
  readonly rtt_max_ms: number | null;
}

export type Severity = 'alarm' | 'notice' | 'info';

export interface Change {
  readonly id: number;
  readonly network: string;
  readonly address: string;
  readonly hostname: string | null;
  readonly change: string;
  readonly severity: Severity;
  readonly before: string | null;
  readonly after: string | null;
  readonly seen_at: string;
  readonly reason: string | null;
  readonly responder: string | null;
  readonly acknowledged_at: string | null;
  readonly acknowledged_by: string | null;
}

export interface Found {
  readonly kind: 'address' | 'name' | 'mac' | 'vendor' | 'free' | 'unseen';
  readonly items: readonly Host[];
  /** Also beyond the items. */
  readonly total: number;
}

export interface Token {
  readonly id: string;
  readonly name: string;
  readonly role: 'view' | 'edit';
  readonly created_by: string;
  readonly created_at: string;
  readonly expires_at: string | null;
  readonly last_used_at: string | null;
}

export interface AuditLine {
  readonly at: string;
  readonly id: number;
  readonly user: string;
  /** The address that the request came from. */
  readonly client: string;
  /** Method and path. */
  readonly action: string;
  /** What was sent. */
  readonly subject: string | null;
}
