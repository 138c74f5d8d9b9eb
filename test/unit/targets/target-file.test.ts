/** The files of targets that people have, each recognised by its content. */

import assert from 'node:assert/strict';
import { Readable } from 'node:stream';
import { describe, test } from 'node:test';
import { formatAddress } from '../../../src/address.ts';
import { TargetCollector, type TargetUse } from '../../../src/targets/target-collector.ts';
import { readTargetFile } from '../../../src/targets/target-file.ts';
import { assertSoon } from '../../machine-speed.ts';

interface ReadFile {
  readonly format: string | undefined;
  /** Addresses and ranges, then names that are to be resolved. */
  readonly targets: readonly string[];
  readonly leftOut: number;
  /** `address name` of what a hosts file says. */
  readonly given: readonly string[];
}

async function read(content: string | Uint8Array, use: TargetUse = 'sweep'): Promise<ReadFile> {
  const collector = new TargetCollector(use);
  const octets = typeof content === 'string' ? Buffer.from(content) : content;
  // In small pieces, as a pipe gives them.
  const pieces = Array.from({ length: Math.ceil(octets.length / 7) }, (_, i) =>
    octets.subarray(7 * i, 7 * i + 7),
  );
  const { format, leftOut } = await readTargetFile(Readable.from(pieces), 'list', collector);
  collector.refuseWrong();
  const ranges = collector.ranges(use === 'exclude').map(({ family, first, last, zone }) => {
    const [from, to] = [formatAddress(family, first), formatAddress(family, last)];
    return `${from}${from === to ? '' : `-${to}`}${zone === '' ? '' : `%${zone}`}`;
  });
  const names = collector.names.flatMap((each) => ('lookup' in each ? [each.lookup] : []));
  const given = collector.names.flatMap((each) =>
    'address' in each ? [`${each.address} ${each.name}`] : [],
  );
  return { format, targets: [...ranges, ...names], leftOut, given };
}

async function targetsIn(content: string | Uint8Array): Promise<readonly string[]> {
  return (await read(content)).targets;
}

describe('a plain list', () => {
  test('takes commas, blanks, comments and any line ending', async () => {
    for (const end of ['\n', '\r\n', '\r']) {
      const lines = [
        '# all of them',
        '',
        '10.0.0.1,a.example  b.example # c',
        '; d',
        '10.0.0.5 \t',
      ];
      const { format, targets } = await read(lines.join(end));
      assert.equal(format, undefined);
      assert.deepEqual(targets, ['10.0.0.1', '10.0.0.5', 'a.example', 'b.example']);
    }
  });

  test('is read in every encoding that a spreadsheet or an editor saves', async () => {
    const text = '\ufeff10.0.0.1\r\nmünchen.example\r\n';
    const le = Buffer.from(text, 'utf16le');
    for (const octets of [Buffer.from(text), le, Buffer.from(le).swap16()]) {
      assert.deepEqual(await targetsIn(octets), ['10.0.0.1', 'xn--mnchen-3ya.example']);
    }
  });

  test('has comments behind semicolons, as block lists do', async () => {
    const list = '; drop list\n127.0.0.4 ; SBL1234\n127.0.0.8/30 ; SBL5678\n';
    assert.deepEqual(await targetsIn(list), ['127.0.0.4', '127.0.0.9-127.0.0.10']);
    assert.deepEqual(await targetsIn('; targets\n10.0.0.1\n'), ['10.0.0.1']);
  });

  test('loses no target to a semicolon that separates them', async () => {
    for (const list of ['10.0.0.1;10.0.0.2\n', '10.0.0.1 ; 10.0.1.0/24\n']) {
      await assert.rejects(
        read(list),
        /^EchosweepError: list, line 1: a semicolon begins a comment/,
      );
    }
  });

  test('takes lists of octets, ranges with blanks, dashes of word processors and quotes', async () => {
    assert.deepEqual(await targetsIn('10.0.0.1,5,9 10.0.1.1\n'), [
      '10.0.0.1',
      '10.0.0.5',
      '10.0.0.9',
      '10.0.1.1',
    ]);
    const ranges = '10.0.0.1 - 10.0.0.3\n10.0.1.1–10.0.1.3\n"10.0.2.1", "10.0.2.2"\n';
    assert.deepEqual(await targetsIn(ranges), [
      '10.0.0.1-10.0.0.3',
      '10.0.1.1-10.0.1.3',
      '10.0.2.1-10.0.2.2',
    ]);
  });

  test('does not make hosts of the netmasks of routers', async () => {
    for (const mask of ['255.255.255.0', '0.0.0.255']) {
      await assert.rejects(read(`10.0.0.0 ${mask}\n`), /is a netmask, not a host: write it after/);
    }
  });

  test('does not make patterns of a range with a blank on one side of its hyphen', async () => {
    for (const range of ['10.0.0.5 -10.0.0.7', '10.0.0.5- 10.0.0.7']) {
      const refusal = /^EchosweepError: list, line 1: "10\.0\.0\.5-? -?10\.0\.0\.7" has a blank on/;
      await assert.rejects(read(`${range}\n`), refusal);
      await assert.rejects(read(`${range}\n`, 'exclude'), refusal);
      await assert.rejects(read(`Target,Name\n${range},a\n`), /line 2: .* has a blank on one side/);
    }
    assert.deepEqual(await targetsIn('10.0.0.250- 10.0.1-2.1\n'), [
      '10.0.0.250-10.0.0.255',
      '10.0.1.1',
      '10.0.2.1',
    ]);
  });

  test('names the line that is wrong, and counts the others', async () => {
    await assert.rejects(read('10.0.0.1\n10.0.0.300\n10.0.0.999\n1.2.3\n'), {
      code: 'TARGET_INVALID',
      message: /^list, line 2: "10\.0\.0\.300" is not an address: .* \(and 2 more like it\)$/,
    });
  });
});

describe('CSV', () => {
  test('means the column of addresses, whose masks are not subnets to sweep', async () => {
    const { format, targets } = await read(
      'Name;IP Address;Room\r\na;192.0.2.7/24;1\r\nb;192.0.2.9/255.255.255.0;2\r\n',
    );
    assert.equal(format, 'CSV');
    assert.deepEqual(targets, ['192.0.2.7', '192.0.2.9']);
  });

  test('does not make hosts of masks that stand behind a blank, and keeps the addresses after them', async () => {
    const csv = 'IP,Name\n192.0.2.7 255.255.255.0,a\n"192.0.2.9  255.255.0.0, 192.0.2.12",b\n';
    assert.deepEqual(await targetsIn(csv), ['192.0.2.7', '192.0.2.9', '192.0.2.12']);
  });

  test('may have quotes, line ends in cells, short rows and empty cells', async () => {
    const csv =
      '"IP\r\nAddress","Location, room"\r\n192.0.2.1,"first\r\nfloor"\r\n\r\n,x\r\n192.0.2.3\r\n';
    assert.deepEqual(await targetsIn(csv), ['192.0.2.1', '192.0.2.3']);
  });

  test('comes from Excel and PowerShell', async () => {
    assert.deepEqual(await targetsIn('sep=;\r\nIP;Name\r\n192.0.2.1;a, b\r\n'), ['192.0.2.1']);
    assert.deepEqual(await targetsIn('sep=\t\r\nName\tIP\r\na, b\t192.0.2.1\r\n'), ['192.0.2.1']);
    const powershell =
      '#TYPE Selected.DhcpServerv4Lease\r\n"IPAddress","HostName"\r\n"192.0.2.1","a"\r\n';
    assert.deepEqual(await targetsIn(powershell), ['192.0.2.1']);
  });

  test('may call the column by a plural', async () => {
    for (const name of ['IPs', 'IP Addresses', 'addresses', 'IP-Adressen']) {
      assert.deepEqual(await targetsIn(`${name}\n192.0.2.1/24\n`), ['192.0.2.1'], name);
    }
  });

  test('may hold several addresses in a row', async () => {
    const csv = 'name,ipv4,ipv6\na,192.0.2.1/24,2001:db8::1/64\nb,"192.0.2.5, 192.0.2.7",\n';
    assert.deepEqual(await targetsIn(csv), ['192.0.2.1', '192.0.2.5', '192.0.2.7', '2001:db8::1']);
  });

  test('without addresses may have a column of subnets or of names', async () => {
    assert.deepEqual(await targetsIn('prefix,status\n192.0.2.0/30,active\n'), [
      '192.0.2.1-192.0.2.2',
    ]);
    assert.deepEqual(await targetsIn('hostname,room\na.example,1\n'), ['a.example']);
    await assert.rejects(
      read('subnet,mask\n192.0.2.0,24\n'),
      /line 2: "192\.0\.2\.0" .* no prefix length/,
    );
  });

  test('has ranges and lists of octets in a column of targets, as the command line takes them', async () => {
    const csv = 'Target,Room\n192.0.2.1 - 192.0.2.3,1\n"192.0.2.5,7; a.example, b.example",2\n';
    assert.deepEqual(await targetsIn(csv), [
      '192.0.2.1-192.0.2.3',
      '192.0.2.5',
      '192.0.2.7',
      'a.example',
      'b.example',
    ]);
  });

  test('without any of these is refused, and its words are not looked up', async () => {
    await assert.rejects(read('Gerät;Ort;Netz\nDrucker;Haus;192.0.2.1\n'), {
      message:
        /^list, line 1: none of the columns is called address or IP: "Gerät", "Ort", "Netz": name/,
    });
    for (const csv of [
      'sep=,\nDevice,Place\nprinter,house\n',
      'LAN IP,WAN IP\n10.0.0.1,192.0.2.1\n',
      'IP Range,Site\n192.0.2.1-192.0.2.5,a\n',
    ]) {
      await assert.rejects(read(csv), /none of the columns/);
    }
    assert.deepEqual(await targetsIn('a.example,b.example\n10.0.0.1,10.0.0.2\n'), [
      '10.0.0.1-10.0.0.2',
      'a.example',
      'b.example',
    ]);
  });

  test('names the line of a cell that is not an address', async () => {
    await assert.rejects(read('Room,IP\n"a\nb",192.0.2.1\n1,192.0.2.300\n'), {
      message: /^list, line 4: "192\.0\.2\.300" is not an address/,
    });
  });
});

describe('reports of echosweep', () => {
  const header = 'address,hostname,status,reason,responder\n';

  test('in CSV give their addresses, and the names that did not resolve', async () => {
    const rows = '192.0.2.1,,up,echo-reply,192.0.2.9\n,gone.example,error,name-unresolved,\n';
    assert.deepEqual(await targetsIn(header + rows), ['192.0.2.1', 'gone.example']);
  });

  test('in JSON Lines as well', async () => {
    const lines = [
      { type: 'run', schema: 1 },
      { type: 'host', address: '192.0.2.1', hostname: 'a.example' },
      { type: 'host', address: null, hostname: 'gone.example' },
    ];
    const { format, targets } = await read(
      lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    );
    assert.equal(format, 'a JSON Lines report');
    assert.deepEqual(targets, ['192.0.2.1', 'gone.example']);
    await assert.rejects(
      read('{"type":"run"}\n{"type":\n'),
      /^EchosweepError: list, line 2: is not a line of JSON/,
    );
    await assert.rejects(read('{"ip":"192.0.2.1"}\n'), /line 1: is neither a run nor a host/);
    await assert.rejects(
      read('[{"address":"192.0.2.1"}]\n'),
      /line 1: is neither a run nor a host/,
    );
    await assert.rejects(read('[\n{"ip":"192.0.2.1"}\n]\n'), /line 1: is not a line of JSON/);
  });
});

const NMAP = `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE nmaprun>
<!-- <host><address addr="192.0.2.99" addrtype="ipv4"/></host> -->
<nmaprun scanner="nmap" args="nmap -sn 192.0.2.0/24 &gt; x" xmloutputversion="1.05">
<hosthint><address addr="192.0.2.98" addrtype="ipv4"/></hosthint>
<host><status state="up"/><address addr="192.0.2.1" addrtype="ipv4"/>
<address addr="00:00:5E:00:53:01" addrtype="mac" vendor="A > B"/></host>
<host><status state="down"/><address addrtype='ipv6' addr='2001:db8::1'/></host>
<runstats><hosts up="1" down="1" total="2"/></runstats>
</nmaprun>
`;

describe('nmap', () => {
  test('XML gives the IP addresses of its hosts', async () => {
    const { format, targets } = await read(NMAP);
    assert.equal(format, 'nmap XML');
    assert.deepEqual(targets, ['192.0.2.1', '2001:db8::1']);
  });

  test('XML of an unfinished scan, and other XML, are refused', async () => {
    const cut = NMAP.slice(0, NMAP.indexOf('<runstats'));
    await assert.rejects(read(cut), /^EchosweepError: list, line 9: is not well-formed XML/);
    await assert.rejects(
      read('<config>\n</config>\n'),
      /^EchosweepError: list, line 1: is XML, but not of nmap/,
    );
    await assert.rejects(read('<!DOCTYPE html>\n<html></html>\n'), /is an HTML page/);
  });

  test('XML expands no entities', async () => {
    const bomb =
      '<!DOCTYPE nmaprun [<!ENTITY a "192.0.2.1">]><nmaprun><host><address addr="&a;" addrtype="ipv4"/></host></nmaprun>';
    await assert.rejects(read(bomb), /is not well-formed XML/);
  });

  test('greppable output, of masscan too', async () => {
    const nmap =
      '# Nmap 7.93 scan initiated\nHost: 192.0.2.1 (a.example)\tStatus: Up\nHost: 192.0.2.1 (a.example)\tPorts: 22/open\n# Nmap done\n';
    const { format, targets } = await read(nmap);
    assert.equal(format, 'greppable nmap output');
    assert.deepEqual(targets, ['192.0.2.1']);
    const masscan = '#masscan\nTimestamp: 1700000000\tHost: 192.0.2.3 ()\tPorts: 80/open/tcp\n';
    assert.deepEqual(await targetsIn(masscan), ['192.0.2.3']);
  });
});

describe('a hosts file', () => {
  test('gives its addresses, with their names for the report', async () => {
    const hosts = '# hosts\n127.0.0.1\tlocalhost\n192.0.2.1 web.example web # the old one\n';
    const { format, targets, given } = await read(hosts);
    assert.equal(format, 'a hosts file');
    assert.deepEqual(targets, ['127.0.0.1', '192.0.2.1']);
    assert.deepEqual(given, ['127.0.0.1 localhost', '192.0.2.1 web.example', '192.0.2.1 web']);
  });

  test('loses what cannot be swept, with a count', async () => {
    const hosts =
      '0.0.0.0 ads.example\n0.0.0.0 0.0.0.0\n::1 localhost\nff02::1 ip6-allnodes\n255.255.255.255 broadcasthost\nfe80::1%lo0 localhost\n';
    const { targets, leftOut } = await read(hosts);
    assert.deepEqual(targets, ['::1', 'fe80::1%lo0']);
    assert.equal(leftOut, 4);
  });

  test('is not a list of addresses and names', async () => {
    assert.deepEqual(await targetsIn('10.0.0.1 a.example\nb.example\n'), [
      '10.0.0.1',
      'a.example',
      'b.example',
    ]);
  });
});

describe('leases', () => {
  test('of ISC dhcpd, without delegated prefixes', async () => {
    const leases =
      'authoring-byte-order little-endian;\n\nlease 192.0.2.5 {\n  starts 4 2026/11/26 10:00:00;\n  hardware ethernet 00:00:5e:00:53:05;\n}\nlease 192.0.2.5 {\n}\nia-na "x" {\n  iaaddr 2001:db8::5 {\n  }\n  iaprefix 2001:db8:1::/56 {\n  }\n}\n';
    const { format, targets } = await read(leases);
    assert.equal(format, 'leases of ISC dhcpd');
    assert.deepEqual(targets, ['192.0.2.5', '2001:db8::5']);
  });

  test('of Kea, without delegated prefixes', async () => {
    const four =
      'address,hwaddr,client_id,valid_lifetime,expire,subnet_id,fqdn_fwd,fqdn_rev,hostname,state,user_context\n192.0.2.5,00:00:5e:00:53:05,,3600,1700000000,1,0,0,a"b,0,{ "x": 1&#x2c "y": 2 }\n';
    const { format, targets } = await read(four);
    assert.equal(format, 'leases of Kea');
    assert.deepEqual(targets, ['192.0.2.5']);
    const six =
      'address,duid,valid_lifetime,expire,subnet_id,pref_lifetime,lease_type,iaid,prefix_len\n2001:db8::5,00:01,3600,1,1,1800,0,1,128\n2001:db8:1::,00:01,3600,1,1,1800,2,1,56\n';
    assert.deepEqual(await targetsIn(six), ['2001:db8::5']);
  });

  test('of dnsmasq, of both families', async () => {
    const leases =
      '1700000000 00:00:5e:00:53:05 192.0.2.5 printer 01:00:00:5e:00:53:05\n0 06-00:00:5e:00:53:06 192.0.2.7 * *\nduid 00:01:00:01:2a\n1700000000 T12345 2001:db8::5 * 00:01:00:01\n';
    const { format, targets } = await read(leases);
    assert.equal(format, 'leases of dnsmasq');
    assert.deepEqual(targets, ['192.0.2.5', '192.0.2.7', '2001:db8::5']);
  });
});

describe('a list of exclusions', () => {
  test('may hold what nobody could sweep', async () => {
    const list = [
      '0.0.0.0/8',
      '224.0.0.0/4',
      '240.0.0.0-255.255.255.255',
      '255.255.255.255/32',
      '::/128',
      'fe80::/10',
      'ff00::/8',
      '::ffff:0:0/96',
    ];
    const { targets } = await read(list.join('\n'), 'exclude');
    assert.equal(targets[0], '0.0.0.0-0.255.255.255', 'with its edges');
    assert.ok(targets.includes('fe80::-febf:ffff:ffff:ffff:ffff:ffff:ffff:ffff'));
  });

  test('does not spare a single host if a netmask follows a blank', async () => {
    for (const mask of ['255.255.255.0', '0.0.0.255'])
      await assert.rejects(
        read(`10.0.0.9\n10.0.1.0 ${mask}\n`, 'exclude'),
        /^EchosweepError: list, line 2: "[0-9.]+" is a netmask, not a host: write it after/,
      );
    await assert.rejects(read('Target\n10.0.1.0 255.255.255.0\n', 'exclude'), /a netmask/);
    const { targets } = await read('10.0.1.7 255.255.255.255\n255.255.255.0\n', 'exclude');
    assert.deepEqual(targets, ['10.0.1.7', '255.255.255.0', '255.255.255.255']);
  });
});

test('long runs of blanks and commas are read in a moment', async () => {
  const startedAt = performance.now();
  for (const filler of [' ', ',']) {
    const run = filler.repeat(100_000);
    for (const text of [
      `10.0.0.1${run}10.0.0.9\n`,
      `Name,IP,${run}x\na,"10.0.0.1${run}10.0.0.9",\n`,
      `{"type":"host","address":"10.0.0.1"}\n{"type":"host","address":"10.0.0.9${run}/24"}\n`,
    ]) {
      const collector = new TargetCollector('sweep');
      await readTargetFile(Readable.from([text]), 'list', collector);
      assert.ok(collector.ranges(false).length > 0, text.slice(0, 40));
    }
  }
  assertSoon(performance.now() - startedAt, 5000);
});

test('a file without targets has none, whatever it is', async () => {
  for (const empty of ['', '\n\n', '# nothing\n', '\ufeff', 'IP\n']) {
    assert.deepEqual(await targetsIn(empty), []);
  }
});
