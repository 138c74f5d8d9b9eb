/** `echosweep inventory`, but for what sends: imported reports stand in for scans. */

import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { inventoryCommand } from '../../../../src/cli/inventory/inventory-command.ts';
import { lockNetwork } from '../../../../src/inventory/network-lock.ts';
import { queue } from '../../../../src/inventory/notify/outbox.ts';
import { keepHearing } from '../../../../src/inventory/site-agents.ts';
import { inTransaction, openStore } from '../../../../src/inventory/store.ts';
import { PACKAGE_VERSION } from '../../../../src/package-version.ts';
import { assertPrivate } from '../../file-mode.ts';
import { readCsv } from '../../report/read-csv.ts';
import { fakeSurroundings, KeptStream } from '../fakes.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));
const CONFIG = join(FOLDER, 'echosweep.yaml');

async function inventory(command: string, ...args: string[]) {
  const stdout = new KeptStream();
  const surroundings = fakeSurroundings({ stdout });
  const config = ['init', 'schema', '--help', 'nothing'].includes(command)
    ? []
    : ['--config', CONFIG];
  const code = await inventoryCommand.run([command, ...args, ...config], surroundings);
  return { code, stdout: stdout.text, stderr: surroundings.stderr.text };
}

async function rowsOf(command: string, ...args: string[]): Promise<string[][]> {
  return readCsv((await inventory(command, ...args)).stdout);
}

/** Reports of a day's hours: `+` up, `-` silent; the first column is 192.0.2.1, the next .2, and so on. */
function reportsOf(day: string, hours: readonly string[]): string[] {
  return hours.map((marks, hour) => {
    const time = `${day}T${String(hour).padStart(2, '0')}:00:00.000Z`;
    const rows = [...marks].map((mark, i) =>
      mark === '+'
        ? `192.0.2.${i + 1},"=name(""${i + 1}"")",up,echo-reply,${1 + i}.000,${time}`
        : `192.0.2.${i + 1},,down,no-response,,${time}`,
    );
    const path = join(FOLDER, `${day}-${hour}.csv`);
    writeFileSync(
      path,
      ['address,hostname,status,reason,rtt_avg_ms,started_at', ...rows, ''].join('\n'),
    );
    return path;
  });
}

writeFileSync(
  CONFIG,
  `
known-hosts: known.csv
gone-after: 2
networks:
  office: { targets: 192.0.2.0/29, schedule: "0 * * * *", site: Berlin }
`,
);
writeFileSync(
  join(FOLDER, 'known.csv'),
  'IP Address;Name;Owner\r\n192.0.2.1/24;router;@cmd\r\n192.0.2.4;printer;\r\n192.0.2.3;camera;\r\nnowhere;x;\r\n192.0.2.200;far;J\r\n',
);

test('a database that is not there is said, and not made by reading', async () => {
  const { code, stderr } = await inventory('status');
  assert.equal(code, 0);
  assert.match(
    stderr,
    /^note: there is no inventory at .*echosweep\.db yet; the first scan makes it$/m,
  );
  assert.ok(!existsSync(join(FOLDER, 'echosweep.db')));
});

test('a scan that a signal stops ends as that, also if it fails', async () => {
  const folder = mkdtempSync(join(FOLDER, 'stopped-'));
  const config = join(folder, 'echosweep.yaml');
  writeFileSync(config, 'networks: { office: { targets: 192.0.2.0/29 } }\n');
  // Of another scan: this one fails before it sends anything.
  const lock = await lockNetwork(join(folder, 'echosweep.db'), 'office');
  const busy = /^echosweep: office is being scanned already.*: wait until that scan is done$/m;
  try {
    const surroundings = fakeSurroundings();
    const scan = () => inventoryCommand.run(['scan', '--config', config], surroundings);
    await assert.rejects(scan(), { code: 'INVENTORY_BUSY' });
    surroundings.signals.once('newListener', () =>
      setImmediate(() => surroundings.signals.emit('SIGTERM')),
    );
    assert.equal(await scan(), 143);
    assert.match(surroundings.stderr.text, busy);
  } finally {
    lock.release();
  }
});

describe('from earlier reports to answers', () => {
  const DAY = '2026-03-01';
  const reports = reportsOf(DAY, ['++--', '++-+', '+--+', '+--+', '++-+', '++-+']);

  test('import takes them in by their own times, whatever their order', async () => {
    const given = [...reports.slice(1).reverse(), reports[0]!];
    const { code, stderr } = await inventory('import', '--site', 'Berlin', ...given);
    assert.equal(code, 0);
    const told = stderr
      .trimEnd()
      .split('\n')
      .map((line) => line.replace(/^.*rows; /, ''));
    assert.deepEqual(told, [
      'the first',
      '1 change: new 1',
      'no changes',
      '1 change: gone 1',
      '1 change: back 1',
      'no changes',
    ]);
    assertPrivate(join(FOLDER, 'echosweep.db'));
  });

  test('status says when a site was last heard of, and what is wrong with its agents', async () => {
    const config = join(FOLDER, 'sites.yaml');
    writeFileSync(
      config,
      'database: sites.db\nsites: { a: {}, b: {} }\n' +
        'networks: { lan: { targets: 192.0.2.0/29, site: a }, wan: { targets: 192.0.2.0/29, site: b } }\n',
    );
    const store = await openStore(join(FOLDER, 'sites.db'));
    const heardAt = new Date(Date.UTC(2026, 2, 1, 0, 1));
    const facts = { version: '0.1.0', heardAt, chunks: 0, unsent: 0, problem: null };
    keepHearing(store, {
      agents: [
        { ...facts, site: 'a', agent: 'a1', clockOffsetMs: 3000 },
        { ...facts, site: 'b', agent: 'b1', heardAt: new Date(0), clockOffsetMs: -100 },
      ],
      listened: { from: new Date(0), until: heardAt },
    });
    store.close();
    const stdout = new KeptStream();
    const surroundings = fakeSurroundings({ stdout });
    const columns = ['--columns', 'network,site_heard,agents'];
    await inventoryCommand.run(['status', '--config', config, ...columns], surroundings);
    assert.deepEqual(readCsv(stdout.text).slice(1), [
      ['lan', '2026-03-01T00:01:00.000Z', 'a1 0.1.0 (+3.0 s)'],
      ['wan', '1970-01-01T00:00:00.000Z', 'b1 0.1.0 (-0.1 s)'],
    ]);
    const told = surroundings.stderr.text;
    assert.match(told, /a\/a1: its clock is 3\.0 s ahead of ours/);
    assert.match(told, /b is not heard of since 1970-01-01T00:00:00\.000Z; its hosts are as they/);
  });

  test('import refuses a site that has no network, or not this one', async () => {
    const refused = {
      code: 'OPTION_INVALID',
      message: /not of the site Paris|is of the site Paris/,
    };
    await assert.rejects(inventory('import', '--site', 'Paris', reports[0]!), refused);
    await assert.rejects(
      inventory('import', '--site', 'Paris', '--network', 'office', reports[0]!),
      refused,
    );
  });

  test('import refuses what is not younger than what there is', async () => {
    await assert.rejects(inventory('import', reports[0]!), {
      code: 'REPORT_INVALID',
      message: /2026-03-01-0\.csv is not younger than the latest scan of office: import/,
    });
  });

  test('changes tells them, and takes a kind, a moment and --fail-on-change', async () => {
    const since = ['--since', DAY];
    assert.deepEqual(
      await rowsOf('changes', ...since, '--columns', 'address,change,before,after,network'),
      [
        ['address', 'change', 'before', 'after', 'network'],
        ['192.0.2.4', 'new', 'no-response', 'echo-reply', 'office'],
        ['192.0.2.2', 'gone', 'echo-reply', 'no-response', 'office'],
        ['192.0.2.2', 'back', 'no-response', 'echo-reply', 'office'],
      ],
    );
    assert.equal((await rowsOf('changes', ...since, '--only', 'gone')).length, 2);
    assert.equal((await rowsOf('changes', '--since', `${DAY}T04:00`)).length, 2);
    assert.equal((await inventory('changes', ...since, '--fail-on-change')).code, 1);
    assert.equal((await inventory('changes', '--since', '1m', '--fail-on-change')).code, 0);
  });

  test('of an inventory that nobody has begun are answered, and leave no file', async () => {
    const config = join(FOLDER, 'empty.yaml');
    writeFileSync(config, 'database: none.db\nnetworks: { office: { targets: 192.0.2.0/29 } }\n');
    for (const command of ['status', 'hosts', 'changes', 'export', 'metrics', 'tell']) {
      const surroundings = fakeSurroundings({ stdout: new KeptStream() });
      assert.equal(
        await inventoryCommand.run([command, '--config', config], surroundings),
        0,
        command,
      );
    }
    assert.equal(existsSync(join(FOLDER, 'none.db')), false);
  });

  test('messages to a receiver that was removed are in the status, and no failure of tell', async () => {
    const store = await openStore(join(FOLDER, 'echosweep.db'));
    const now = new Date();
    const message = { channel: 'removed', body: '{}', dueAt: now };
    inTransaction(store, () => queue(store, [message], now));
    const status = await inventory('status');
    assert.match(
      status.stderr,
      /: 1 message waits for removed since .*, a receiver that the configuration no longer has\n/,
    );
    const { code, stderr } = await inventory('tell');
    assert.deepEqual([code, stderr], [0, 'nothing pending\n']);
    store.database.exec("DELETE FROM outbox WHERE channel = 'removed'");
    store.close();
  });

  test('status tells how the network stands', async () => {
    const [names, values] = await rowsOf('status');
    const status = Object.fromEntries(names!.map((name, i) => [name, values![i]]));
    assert.match(status['next_scan']!, /:00:00\.000Z$/);
    assert.deepEqual(
      { ...status, next_scan: '' },
      {
        network: 'office',
        site: 'Berlin',
        last_scan: `${DAY}T05:00:00.000Z`,
        next_scan: '',
        addresses: '4',
        up: '3',
        missing: '0',
        gone: '0',
        new: '0',
        conflicts: '0',
        free: '0',
        unscanned: '0',
        used_pct: '100.0',
        doubt: '',
        site_heard: '',
        agents: '',
      },
    );
  });

  test('hosts are joined with those that should be there', async () => {
    const columns = ['--columns', 'address,hostname,state,known,known_name,known_owner'];
    assert.deepEqual((await rowsOf('hosts', ...columns)).slice(1), [
      ['192.0.2.1', `'=name("1")`, 'up', 'documented', 'router', "'@cmd"],
      ['192.0.2.2', `'=name("2")`, 'up', 'undocumented', '', ''],
      ['192.0.2.3', '', 'silent', 'documented-silent', 'camera', ''],
      ['192.0.2.4', `'=name("4")`, 'up', 'documented', 'printer', ''],
      ['192.0.2.200', '', '', 'documented-unasked', 'far', 'J'],
    ]);
    assert.equal((await rowsOf('hosts', '--known', 'undocumented')).length, 2);
    assert.equal((await rowsOf('hosts', '--name', 'NAME("2')).length, 2);
    assert.equal((await rowsOf('hosts', '--state', 'silent')).length, 2);
    assert.equal((await rowsOf('hosts', '--unseen-since', `${DAY}T05:00`)).length, 1);
  });

  test('a row of the known hosts that cannot be used is noted, and costs nothing else', async () => {
    const note = /^note: .*known\.csv, line 5: "nowhere" is not an address; skipped\n/;
    for (const command of ['hosts', 'export', 'check']) {
      const { code, stderr } = await inventory(command);
      assert.equal(code, 0, command);
      assert.match(stderr, note, command);
    }
  });

  test('host tells the history of one, for a person and for a program', async () => {
    const stdout = new KeptStream({ isTTY: true, columns: 120 });
    const surroundings = fakeSurroundings({ stdout });
    const args = ['host', '192.0.2.2', '--since', DAY, '--config', CONFIG];
    await inventoryCommand.run(args, surroundings);
    assert.equal(
      stdout.text,
      `192.0.2.2
  network     office
  name        =name("2")
  state       up
  first seen  2026-03-01 00:00:00 UTC
  last seen   2026-03-01 05:00:00 UTC
  answered    4 of 6 scans, 66.67 %

  day         asked  up  up %  rtt min ms  rtt avg ms  rtt max ms
  2026-03-01      6   4  66.7       2.000       2.000       2.000

  at                   change  before       after
  2026-03-01 04:00:00  back    no-response  echo-reply
  2026-03-01 03:00:00  gone    echo-reply   no-response

`,
    );
    assert.deepEqual((await rowsOf('host', '192.0.2.2', '--since', DAY))[1], [
      ...['office', '192.0.2.2', '2026-03-01', '6', '4', '66.7', '2.000', '2.000', '2.000'],
    ]);
    await assert.rejects(inventory('host', '192.0.2.99'), {
      message: 'the inventory does not know 192.0.2.99: scan its network first',
    });
  });

  test('export writes a dated file in the profile asked for', async () => {
    const pattern = join(FOLDER, 'hosts-%Y.csv');
    await inventory('export', '-o', pattern, '--csv-profile', 'excel', '--csv-delimiter', ';');
    const path = pattern.replace('%Y', String(new Date().getUTCFullYear()));
    const text = readFileSync(path, 'utf8');
    assert.ok(text.startsWith('\uFEFFaddress;hostname;state;'));
    assert.equal(readCsv(text.slice(1), ';').length, 6);
  });

  test('prune forgets what is old, and the gone with it', async () => {
    const { stderr } = await inventory('prune', '--keep-days', '1');
    assert.equal(stderr, 'forgot 5 scans, 3 changes and 0 gone hosts older than 1 day\n');
    assert.equal((await rowsOf('changes', '--since', DAY)).length, 1);
    assert.equal((await rowsOf('hosts', '--state', 'up')).length, 4);
  });
});

describe('the configuration', () => {
  test('init writes one that is private and that check finds right, and replaces none', async () => {
    const path = join(FOLDER, 'fresh.yaml');
    const { code, stderr } = await inventory('init', '--config', path);
    assert.equal(code, 0);
    assert.match(stderr, /serve {3}shows all of it in a browser, at http:\/\/127\.0\.0\.1:8469\n$/);
    assertPrivate(path);
    const stdout = new KeptStream();
    assert.equal(
      await inventoryCommand.run(['check', '--config', path], fakeSurroundings({ stdout })),
      0,
    );
    assert.match(stdout.text, /^network,addresses,schedule,next_1,next_2,next_3\n/);
    await assert.rejects(inventory('init', '--config', path), {
      code: 'CONFIG_INVALID',
      message: /it exists already: edit it, or name another with --config$/,
    });
    await assert.rejects(inventory('init', '--config', join(FOLDER, 'none', 'fresh.yaml')), {
      code: 'OUTPUT_FAILED',
      message: /its folder does not exist: create it first$/,
    });
  });

  test('check looks at targets, options and known hosts as well', async () => {
    const path = join(FOLDER, 'wrong.yaml');
    const check = (text: string) => {
      writeFileSync(path, text);
      return inventoryCommand.run(['check', '--config', path], fakeSurroundings());
    };
    const office = 'networks: { office: { targets: 192.0.2.0/29';
    await assert.rejects(
      check(`${office}, exclude: no/24 } }`),
      /wrong\.yaml: networks\.office\.exclude: "no\/24" is not/,
    );
    const large = 'networks: { office: { targets: 10.0.0.0/8';
    await assert.rejects(
      check(`${large} } }`),
      /wrong\.yaml: networks\.office: 16777214 addresses .*: add yes: true to its sweep /,
    );
    assert.equal(await check(`${large}, sweep: { yes: true } } }`), 0);
    await assert.rejects(check(`${office}, sweep: { count: 3, retries: 2 } } }`), {
      code: 'CONFIG_INVALID',
      message:
        /line 1: networks\.office\.sweep is wrong: --count 3 and --retries 2 exclude each other/,
    });
    await assert.rejects(
      check(`known-hosts: no.csv\n${office} } }`),
      /cannot read .*no\.csv: there is no such/,
    );
  });

  test('a missing one is told with what makes one', async () => {
    const command = inventoryCommand.run(
      ['status', '--config', join(FOLDER, 'no.yaml')],
      fakeSurroundings(),
    );
    await assert.rejects(command, {
      code: 'CONFIG_INVALID',
      message: /no\.yaml: there is no such file: echosweep inventory init writes one$/,
    });
    assert.ok(!existsSync(join(FOLDER, 'no.db')));
  });

  test('schema is JSON', async () => {
    const { stdout } = await inventory('schema');
    assert.equal(JSON.parse(stdout).type, 'object');
  });
});

describe('help', () => {
  test('of all commands, and of each', async () => {
    const { stdout } = await inventory('--help');
    for (const { name } of inventoryCommand.commands) {
      const short = name.replace('inventory ', '');
      assert.match(stdout, new RegExp(`^ {2}${short} `, 'm'));
      const help = new KeptStream();
      await inventoryCommand.run([short, '--help'], fakeSurroundings({ stdout: help }));
      assert.ok(help.text.startsWith(`Usage: echosweep ${name} [options]`), name);
    }
  });

  test('the version, of the group and of a command', async () => {
    for (const args of [['--version'], ['-V'], ['scan', '--version']]) {
      const stdout = new KeptStream();
      assert.equal(await inventoryCommand.run(args, fakeSurroundings({ stdout })), 0);
      assert.equal(stdout.text, `${PACKAGE_VERSION}\n`);
    }
  });

  test('an unknown command is told those that there are', async () => {
    await assert.rejects(inventory('nothing'), {
      code: 'OPTION_INVALID',
      message:
        /^inventory has no "nothing": use init, check, schema, scan, run, serve, password, tell, metrics, status/,
    });
  });
});
