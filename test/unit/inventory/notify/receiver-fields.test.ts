/** Receivers in a configuration: in fields of their own and in the list, and which are refused. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { configOf, NETWORKS } from '../config/config-texts.ts';

describe('who is told', () => {
  const MAIL = 'host: mail.example, from: a@example.net';

  test('is refused where nobody could be told by it', () => {
    for (const [text, words] of [
      ['webhook: { url: "ftp://hooks.example" }', /webhook\.url is not a web address/],
      [
        'netbox: { url: "https://a:b@nb.example", token-env: T }',
        /netbox\.url is not a web address/,
      ],
      [
        'netbox: { url: "https://nb.example" }',
        /netbox needs the place of its token: give token-env/,
      ],
      [
        'netbox: { url: "https://nb.example", token-env: T, tag: a b }',
        /netbox\.tag is not the slug/,
      ],
      ['webhook: { url: "https://me:word@hooks.example" }', /without a password/],
      [
        'webhook: { url: "https://hooks.example", secret-env: A, secret-file: b }',
        /webhook\.secret-file is in two places/,
      ],
      [`mail: { ${MAIL}, to: [] }`, /mail\.to/],
      [
        `mail: { ${MAIL}, to: b@example.net, password-file: p }`,
        /mail\.password-file is the password of no user: add user/,
      ],
      [
        'syslog: { host: log.example, facility: mail }',
        /syslog\.facility is not valid.*use user, d/,
      ],
      ['export-files: hosts.html', /export-files does not name a format of hosts.*\.sd\.json/],
      ['export-files: [hosts.csv, hosts.lp]', /export-files\.1 does not name a format of hosts/],
      [`mail: { ${MAIL}, to: "a@b.example, c@d.example" }`, /is not a mail address/],
      [`mail: { ${MAIL}, to: "a@b.example\\r\\nBcc: x@y.example" }`, /is not a mail address/],
      [
        `mail: { ${MAIL}, to: b@example.net, security: plain }`,
        /security is not valid: use starttls, tls or none$/,
      ],
      [
        `mail: { ${MAIL}, to: b@example.net, digest: daily }`,
        /mail\.digest is not a time that comes again: write "daily at 07:00"/,
      ],
    ] as const) {
      assert.throws(
        () => configOf(`${text}\n${NETWORKS}`),
        (error: Error) => {
          assert.match(error.message, words);
          assert.doesNotMatch(error.message, /word@/);
          return true;
        },
      );
    }
  });

  test('goes to the port that the encryption has', () => {
    const portOf = (more: string): number | undefined => {
      const text = `mail: { ${MAIL}, to: b@example.net, ${more} }\n${NETWORKS}`;
      const [receiver] = configOf(text).receivers;
      return receiver?.type === 'mail' ? receiver.port : undefined;
    };
    assert.deepEqual(
      [portOf('security: tls'), portOf('security: none'), portOf('port: 25')],
      [465, 587, 25],
    );
  });
});

describe('receivers in the list', () => {
  const receivers = (...items: string[]): string =>
    `receivers:\n${items.map((item) => `  - { ${item} }\n`).join('')}${NETWORKS}`;

  test('may be of every type, any number of times', () => {
    const { receivers: all } = configOf(
      receivers(
        'name: a, type: webhook, url: "https://hooks.example", secret-file: s',
        'name: b, type: slack, url-env: SLACK',
        'name: c, type: slack, url-file: slack.url',
        'name: d, type: teams, url-env: TEAMS',
        'name: e, type: discord, url-env: DISCORD',
        'name: f, type: ntfy, url: "https://ntfy.sh/topic", token-env: T',
        'name: g, type: telegram, token-env: T, chat: "@channel"',
        'name: h, type: mail, host: mail.example, from: a@example.net, to: b@example.net',
        'name: i, type: syslog, host: log.example',
        'name: j, type: telegram, token-file: t, chat: -1001234567890',
      ),
    );
    assert.deepEqual(
      all.map(({ name, type }) => `${name} ${type}`),
      [
        'a webhook',
        'b slack',
        'c slack',
        'd teams',
        'e discord',
        'f ntfy',
        'g telegram',
        'h mail',
        'i syslog',
        'j telegram',
      ],
    );
    assert.deepEqual(
      all.flatMap((each) => (each.type === 'telegram' ? [each.chat] : [])),
      ['@channel', '-1001234567890'],
    );
  });

  test('come after those that have a field of their own', () => {
    const webhook = 'webhook: { url: "https://hooks.example" }\n';
    const { receivers: all } = configOf(webhook + receivers('name: a, type: slack, url-env: S'));
    assert.deepEqual(
      all.map(({ name }) => name),
      ['webhook', 'a'],
    );
  });

  test('are refused with line and field', () => {
    const slack = 'name: a, type: slack, url-env: S';
    for (const [items, words] of [
      [
        ['name: a, type: pager'],
        /line 2: receivers\.0\.type is not a type of receiver: use webhook, slack/,
      ],
      [['name: a'], /line 2: receivers\.0\.type is missing/],
      [['type: slack, url-env: S'], /line 2: receivers\.0\.name is missing/],
      [['name: a, type: slack'], /receivers\.0\.url is missing: add it, or url-env or url-file/],
      [[`${slack}, url: "https://x.example"`], /receivers\.0\.url-env is in two places/],
      [['name: a, type: slack, url: "ftp://x"'], /receivers\.0\.url is not a web address/],
      [['name: a, type: ntfy, url: "https://ntfy.sh"'], /receivers\.0\.url names no topic/],
      [['name: a, type: telegram, chat: "1"'], /receivers\.0\.token-env is missing/],
      [['name: a, type: telegram, token-env: T, chat: "a b"'], /receivers\.0\.chat is not a chat/],
      [[slack, slack], /line 3: receivers\.1\.name is taken/],
      [['name: b c, type: slack, url-env: S'], /receivers\.0\.name is not a valid name/],
      [
        [`${slack}, networks: nowhere`],
        /receivers\.0\.networks names "nowhere", which is not a network/,
      ],
      [[`${slack}, hosts: 192.0.2.0/33`], /receivers\.0\.hosts is not a host/],
      [[`${slack}, hosts: [192.0.2.256]`], /receivers\.0\.hosts.* is not a host/],
      [
        [`${slack}, severity: bad`],
        /receivers\.0\.severity is not valid: use info, notice or alarm/,
      ],
      [
        [`${slack}, quiet: { from: "25:00", to: "7:00" }`],
        /receivers\.0\.quiet.*is not a time of day/,
      ],
      [
        [`${slack}, quiet: { from: "24:00", to: "7:00" }`],
        /receivers\.0\.quiet.*is not a time of day/,
      ],
      [[`${slack}, time-zone: Mars`], /receivers\.0\.time-zone is not a time zone/],
      [[`${slack}, token-env: T`], /receivers\.0\.token-env is not a field here/],
    ] as const) {
      assert.throws(() => configOf(receivers(...items)), words, items.join());
    }
  });

  test('may be chosen by networks also with a field of their own', () => {
    const text = `webhook: { url: "https://hooks.example", networks: nowhere }\n${NETWORKS}`;
    assert.throws(() => configOf(text), /line 1: webhook\.networks names "nowhere"/);
  });
});
