/** The tables of an inventory, and how an older file becomes a current one. */

import { EchosweepError } from '../errors.ts';
import { type Database, rollBack } from './database.ts';

/**
 * Each brings the file from the version before to its own; a published one never changes. Times are
 * milliseconds since 1970, round-trip times whole microseconds, days are counted since 1970 in UTC.
 */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE networks (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE
  );

  CREATE TABLE scans (
    id INTEGER PRIMARY KEY,
    network INTEGER NOT NULL REFERENCES networks,
    started_at INTEGER NOT NULL,
    ended_at INTEGER NOT NULL,
    source TEXT NOT NULL,
    engine TEXT,
    targets INTEGER NOT NULL,
    up INTEGER NOT NULL,
    unreachable INTEGER NOT NULL,
    down INTEGER NOT NULL,
    error INTEGER NOT NULL,
    sent INTEGER,
    received INTEGER,
    dropped INTEGER,
    rtt_median_us INTEGER,
    rtt_p95_us INTEGER,
    partial INTEGER NOT NULL,
    doubt TEXT
  );
  CREATE INDEX scans_by_network ON scans (network, started_at);

  -- first_seen and last_seen are NULL for an address that never answered.
  CREATE TABLE hosts (
    id INTEGER PRIMARY KEY,
    network INTEGER NOT NULL REFERENCES networks,
    key TEXT NOT NULL,
    address TEXT NOT NULL,
    hostname TEXT,
    mac TEXT,
    state TEXT NOT NULL,
    misses INTEGER NOT NULL,
    status TEXT NOT NULL,
    reason TEXT,
    rtt_us INTEGER,
    usual_rtt_us REAL,
    is_slow INTEGER NOT NULL,
    first_seen INTEGER,
    last_seen INTEGER,
    last_change INTEGER,
    UNIQUE (network, key)
  );
  CREATE INDEX hosts_by_state ON hosts (network, state);
  CREATE INDEX hosts_by_address ON hosts (key);

  CREATE TABLE changes (
    id INTEGER PRIMARY KEY,
    host INTEGER NOT NULL REFERENCES hosts,
    scan INTEGER NOT NULL,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    before TEXT NOT NULL,
    after TEXT NOT NULL
  );
  CREATE INDEX changes_by_time ON changes (at);
  CREATE INDEX changes_by_host ON changes (host, at);

  -- Of hosts that have ever answered. A day's rows are next to each other, so a scan touches few pages.
  CREATE TABLE days (
    day INTEGER NOT NULL,
    host INTEGER NOT NULL,
    asked INTEGER NOT NULL,
    up INTEGER NOT NULL,
    rtt_sum_us INTEGER NOT NULL,
    rtt_min_us INTEGER,
    rtt_max_us INTEGER,
    PRIMARY KEY (day, host)
  ) WITHOUT ROWID;
  `,
  `
  -- Notifications still to be sent; a sent one has no row. claimed_until keeps two processes from sending it at once.
  CREATE TABLE outbox (
    id INTEGER PRIMARY KEY,
    channel TEXT NOT NULL,
    delivery TEXT NOT NULL UNIQUE,
    body TEXT NOT NULL,
    queued_at INTEGER NOT NULL,
    due_at INTEGER NOT NULL,
    claimed_until INTEGER NOT NULL,
    attempts INTEGER NOT NULL,
    problem TEXT
  );
  CREATE INDEX outbox_by_channel ON outbox (channel, id);
  `,
  `
  -- The MAC address of a second host that answers for the address; NULL if there is none.
  ALTER TABLE hosts ADD COLUMN other_mac TEXT;
  CREATE INDEX hosts_by_mac ON hosts (network, mac);

  -- How often the host recently went or came back, and scans since the latest time.
  ALTER TABLE hosts ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE hosts ADD COLUMN scans_since_turn INTEGER NOT NULL DEFAULT 0;

  -- Scans that measured a round-trip time; NULL for all in which the host was up.
  ALTER TABLE days ADD COLUMN rtts INTEGER;
  `,
  // What other programs may rely on (docs/integrations/storage.md): these views only ever get further columns, at their
  // ends, whatever becomes of the tables. Anything else makes views of another name. A day without `rtts` measured one
  // whenever the host was up.
  `
  CREATE VIEW v1_hosts AS
  SELECT h.address, h.hostname, h.state, h.reason, h.rtt_us / 1000.0 AS rtt_ms, h.mac, h.other_mac,
    strftime('%Y-%m-%dT%H:%M:%fZ', h.first_seen / 1000.0, 'unixepoch') AS first_seen,
    strftime('%Y-%m-%dT%H:%M:%fZ', h.last_seen / 1000.0, 'unixepoch') AS last_seen,
    strftime('%Y-%m-%dT%H:%M:%fZ', h.last_change / 1000.0, 'unixepoch') AS last_change,
    n.name AS network, h.status, h.misses, round(h.usual_rtt_us / 1000.0, 3) AS usual_rtt_ms, h.key AS address_key
  FROM hosts h JOIN networks n ON n.id = h.network;

  CREATE VIEW v1_changes AS
  SELECT h.address, h.hostname, c.kind AS change, nullif(c.before, '') AS before, nullif(c.after, '') AS after,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.at / 1000.0, 'unixepoch') AS seen_at,
    n.name AS network, h.key AS address_key, c.id
  FROM changes c JOIN hosts h ON h.id = c.host JOIN networks n ON n.id = h.network;

  CREATE VIEW v1_days AS
  SELECT n.name AS network, h.address, date(d.day * 86400, 'unixepoch') AS day, d.asked, d.up,
    round(100.0 * d.up / d.asked, 1) AS up_pct,
    d.rtt_min_us / 1000.0 AS rtt_min_ms,
    iif(d.rtt_min_us IS NULL, NULL, round(d.rtt_sum_us / 1000.0 / coalesce(d.rtts, d.up), 3)) AS rtt_avg_ms,
    d.rtt_max_us / 1000.0 AS rtt_max_ms,
    h.key AS address_key
  FROM days d JOIN hosts h ON h.id = d.host JOIN networks n ON n.id = h.network;
  `,
  `
  -- What people wrote about an address of a network; no scan writes here. Tags have commas between.
  CREATE TABLE host_notes (
    network INTEGER NOT NULL REFERENCES networks,
    key TEXT NOT NULL,
    address TEXT NOT NULL,
    name TEXT,
    owner TEXT,
    note TEXT,
    tags TEXT,
    known INTEGER,
    muted_until INTEGER,
    gone_after INTEGER,
    changed_at INTEGER NOT NULL,
    changed_by TEXT NOT NULL,
    PRIMARY KEY (network, key)
  ) WITHOUT ROWID;

  -- The network is that of the host, so that the latest changes of one are next to each other in an index.
  ALTER TABLE changes ADD COLUMN network INTEGER;
  ALTER TABLE changes ADD COLUMN responder TEXT;
  ALTER TABLE changes ADD COLUMN acknowledged_at INTEGER;
  ALTER TABLE changes ADD COLUMN acknowledged_by TEXT;
  -- Only the latest week is still to be read.
  UPDATE changes SET
    network = (SELECT h.network FROM hosts h WHERE h.id = host),
    acknowledged_at = CASE WHEN at < 1000 * strftime('%s', 'now', '-7 days') THEN at END;
  CREATE INDEX changes_by_network ON changes (network);
  CREATE INDEX changes_unread ON changes (network) WHERE acknowledged_at IS NULL;

  -- Replies of 256 hosts in one row (reply-rows.ts): a scan writes few rows, all next to each other. The place is the hour
  -- or day since 1970 times 2^24, and a 256th of the hosts' numbers.
  CREATE TABLE replies_by_hour (place INTEGER PRIMARY KEY, replies BLOB NOT NULL);
  CREATE TABLE replies_by_day (place INTEGER PRIMARY KEY, replies BLOB NOT NULL);

  DROP VIEW v1_hosts;
  CREATE VIEW v1_hosts AS
  SELECT h.address, h.hostname, h.state, h.reason, h.rtt_us / 1000.0 AS rtt_ms, h.mac, h.other_mac,
    strftime('%Y-%m-%dT%H:%M:%fZ', h.first_seen / 1000.0, 'unixepoch') AS first_seen,
    strftime('%Y-%m-%dT%H:%M:%fZ', h.last_seen / 1000.0, 'unixepoch') AS last_seen,
    strftime('%Y-%m-%dT%H:%M:%fZ', h.last_change / 1000.0, 'unixepoch') AS last_change,
    n.name AS network, h.status, h.misses, round(h.usual_rtt_us / 1000.0, 3) AS usual_rtt_ms, h.key AS address_key,
    w.name AS note_name, w.owner AS note_owner, w.note, w.tags AS note_tags, w.known AS note_known,
    strftime('%Y-%m-%dT%H:%M:%fZ', w.muted_until / 1000.0, 'unixepoch') AS muted_until, w.gone_after
  FROM hosts h JOIN networks n ON n.id = h.network
    LEFT JOIN host_notes w ON w.network = h.network AND w.key = h.key;

  DROP VIEW v1_changes;
  CREATE VIEW v1_changes AS
  SELECT h.address, h.hostname, c.kind AS change, nullif(c.before, '') AS before, nullif(c.after, '') AS after,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.at / 1000.0, 'unixepoch') AS seen_at,
    n.name AS network, h.key AS address_key, c.id, c.responder,
    strftime('%Y-%m-%dT%H:%M:%fZ', c.acknowledged_at / 1000.0, 'unixepoch') AS acknowledged_at, c.acknowledged_by
  FROM changes c JOIN hosts h ON h.id = c.host JOIN networks n ON n.id = h.network;
  `,
  `
  -- Secrets of programs that use the API, by their digests alone.
  CREATE TABLE tokens (
    id INTEGER PRIMARY KEY,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    ends_at INTEGER,
    used_at INTEGER
  );

  -- What people changed, and how they were signed in.
  CREATE TABLE audit (
    id INTEGER PRIMARY KEY,
    at INTEGER NOT NULL,
    user TEXT NOT NULL,
    way TEXT NOT NULL,
    client TEXT NOT NULL,
    action TEXT NOT NULL,
    detail TEXT
  );
  CREATE INDEX audit_by_time ON audit (at);
  `,
  `
  -- A feed of conflicts alone need not look through all that went and came back.
  CREATE INDEX changes_by_kind ON changes (network, kind);
  DROP INDEX changes_unread;
  CREATE INDEX changes_unread ON changes (network, kind) WHERE acknowledged_at IS NULL;
  `,
  `
  -- What agents said about themselves last.
  CREATE TABLE site_agents (
    site TEXT NOT NULL,
    agent TEXT NOT NULL,
    version TEXT NOT NULL,
    heard_at INTEGER NOT NULL,
    clock_offset_ms INTEGER NOT NULL,
    chunks INTEGER NOT NULL,
    unsent INTEGER NOT NULL,
    problem TEXT,
    PRIMARY KEY (site, agent)
  ) WITHOUT ROWID;

  -- Until when there was listening for long enough to notice which of them are silent.
  CREATE TABLE agent_listening (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    until INTEGER NOT NULL
  );
  `,
  `
  -- No number of a token comes again: a revocation that is sent twice would hit another token, and two tokens would look
  -- the same in the audit log, which has the numbers of those that are gone.
  ALTER TABLE tokens RENAME TO reused_tokens;
  CREATE TABLE tokens (
    id INTEGER PRIMARY KEY AUTOINCREMENT,
    name TEXT NOT NULL,
    digest TEXT NOT NULL UNIQUE,
    role TEXT NOT NULL,
    made_by TEXT NOT NULL,
    made_at INTEGER NOT NULL,
    ends_at INTEGER,
    used_at INTEGER
  );
  INSERT INTO tokens SELECT * FROM reused_tokens;
  DROP TABLE reused_tokens;
  DELETE FROM sqlite_sequence WHERE name = 'tokens';
  INSERT INTO sqlite_sequence (name, seq)
  SELECT 'tokens', coalesce(max(id), 0) FROM (
    SELECT id FROM tokens
    UNION ALL
    SELECT CAST(substr(action, length('DELETE /tokens/') + 1) AS INTEGER) FROM audit WHERE action LIKE 'DELETE /tokens/%'
  );
  `,
  `
  -- What an error said last of a host that is not up. Routers limit their errors, so silence after one does not count.
  ALTER TABLE hosts ADD COLUMN known_error TEXT;
  UPDATE hosts SET known_error = reason WHERE status = 'unreachable' AND state <> 'up';
  `,
];

/**
 * Brings a file up to date; a current one stays as it is.
 * @throws EchosweepError INVENTORY_FAILED if a newer echosweep wrote it
 */
export function migrate(database: Database, path: string): void {
  if (versionOf(database) < MIGRATIONS.length) {
    // Another process may be about to do the same: the first one does it, and the others find it done.
    database.exec('BEGIN IMMEDIATE');
    try {
      for (let next = versionOf(database); next < MIGRATIONS.length; next++) {
        database.exec(MIGRATIONS[next]!);
        database.exec(`PRAGMA user_version = ${next + 1}`);
      }
      database.exec('COMMIT');
    } catch (error) {
      rollBack(database);
      throw error;
    }
  }
  if (versionOf(database) <= MIGRATIONS.length) return;
  throw new EchosweepError(
    'INVENTORY_FAILED',
    `${path} was written by a newer echosweep`,
    'update echosweep',
  );
}

function versionOf(database: Database): number {
  return Number(database.prepare('PRAGMA user_version').get()!['user_version']);
}
