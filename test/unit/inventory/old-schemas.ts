/** Files as earlier versions of echosweep wrote them: their tables, copied when they were published, and some rows. */

export interface OldSchema {
  readonly version: number;
  /** The tables, and two hosts of one network with a scan, a change and a day. */
  readonly sql: string;
}

const SCHEMA_1 = `
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
`;

/** 192.0.2.1 is up, 192.0.2.2 came on 2026-03-01 at 01:00. */
const ROWS_1 = `
INSERT INTO networks VALUES (1, 'office');
INSERT INTO scans VALUES (1, 1, 1772323200000, 1772323201500, 'scan', 'raw', 3, 1, 0, 2, 0, 5, 1, 0, 400, 900, 0, NULL);
INSERT INTO scans VALUES (2, 1, 1772326800000, 1772326801500, 'scan', 'raw', 3, 2, 0, 1, 0, 4, 2, 0, 400, 900, 0, NULL);
INSERT INTO hosts VALUES (1, 1, '4c0000201', '192.0.2.1', 'one.example', NULL, 'up', 0, 'up', 'echo-reply', 400, 410.5, 0,
  1772323200000, 1772326800000, NULL);
INSERT INTO hosts VALUES (2, 1, '4c0000202', '192.0.2.2', NULL, '00:00:5e:00:53:01', 'up', 0, 'up', 'echo-reply', 900, 900,
  0, 1772326800000, 1772326800000, 1772326800000);
INSERT INTO changes VALUES (1, 2, 2, 1772326800000, 'new', 'no-response', 'echo-reply');
INSERT INTO days VALUES (20513, 1, 2, 2, 810, 400, 410);
INSERT INTO days VALUES (20513, 2, 1, 1, 900, 900, 900);
`;

const SCHEMA_2 = `${SCHEMA_1}
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
`;

/** Its columns are added after the rows, which have no values there. */
const FURTHER_3 = `
ALTER TABLE hosts ADD COLUMN other_mac TEXT;
CREATE INDEX hosts_by_mac ON hosts (network, mac);
ALTER TABLE hosts ADD COLUMN turns INTEGER NOT NULL DEFAULT 0;
ALTER TABLE hosts ADD COLUMN scans_since_turn INTEGER NOT NULL DEFAULT 0;
ALTER TABLE days ADD COLUMN rtts INTEGER;
`;

const VIEWS_4 = `
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
`;

const FURTHER_5 = `
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
`;

const TABLES_6 = `
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
`;

const INDEXES_7 = `
-- A feed of conflicts alone need not look through all that went and came back.
CREATE INDEX changes_by_kind ON changes (network, kind);
DROP INDEX changes_unread;
CREATE INDEX changes_unread ON changes (network, kind) WHERE acknowledged_at IS NULL;
`;

const SITES_8 = `
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
`;

const TOKENS_9 = `
-- No number of a token comes again.
DROP TABLE tokens;
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
`;

const SCHEMA_6 = SCHEMA_2 + ROWS_1 + FURTHER_3 + VIEWS_4 + FURTHER_5 + TABLES_6;

/** Every published version but the current one, oldest first. */
export const OLD_SCHEMAS: readonly OldSchema[] = [
  { version: 1, sql: SCHEMA_1 + ROWS_1 },
  { version: 2, sql: SCHEMA_2 + ROWS_1 },
  { version: 3, sql: SCHEMA_2 + ROWS_1 + FURTHER_3 },
  { version: 4, sql: SCHEMA_2 + ROWS_1 + FURTHER_3 + VIEWS_4 },
  { version: 5, sql: SCHEMA_2 + ROWS_1 + FURTHER_3 + VIEWS_4 + FURTHER_5 },
  { version: 6, sql: SCHEMA_6 },
  { version: 7, sql: SCHEMA_6 + INDEXES_7 },
  { version: 8, sql: SCHEMA_6 + INDEXES_7 + SITES_8 },
  { version: 9, sql: SCHEMA_6 + INDEXES_7 + SITES_8 + TOKENS_9 },
];
