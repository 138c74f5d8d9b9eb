/** What the pings of the systems print, recorded, and what is read from it. */

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { parseAddress } from '../../../src/address.ts';
import { errnoOfWords } from '../../../src/results/errno-words.ts';
import { errorOfWords, isNoOutcome } from '../../../src/system-ping/icmp-words.ts';
import { parseBusybox } from '../../../src/system-ping/parse-busybox.ts';
import { parseIputils } from '../../../src/system-ping/parse-iputils.ts';
import { parseMacos } from '../../../src/system-ping/parse-macos.ts';
import { parseWindows } from '../../../src/system-ping/parse-windows.ts';
import { isUnread, type PingParser } from '../../../src/system-ping/ping-report.ts';
import { ROOT } from '../../root.ts';

/** The recorded runs of a file: `$ COMMAND`, output, `[exit N]`; by the last word of the command, the target. */
function recorded(name: string): Map<string, string> {
  const text = readFileSync(`${ROOT}test/unit/system-ping/fixtures/${name}.txt`, 'utf8');
  const runs = text.split(/^\$ /m).slice(1);
  return new Map(
    runs.map((run) => {
      const [command, ...output] = run.split('\n');
      return [command!.split(' ').at(-1)!, output.join('\n').replace(/^\[exit \d+\]\n/m, '')];
    }),
  );
}

/** One line an event, for comparing. */
function eventsOf(parse: PingParser, text: string): string[] {
  const { events, refusal } = parse(text);
  const lines = events.map((event) =>
    event.kind === 'reply'
      ? `${event.probe} reply ${event.rttMs} ttl ${event.ttl} ${event.from}`
      : `${event.probe} error ${event.from}: ${event.words}`,
  );
  return refusal === null ? lines : [...lines, `refused: ${refusal}`];
}

describe('iputils', () => {
  const runs = new Map([...recorded('iputils-ipv4'), ...recorded('iputils-ipv6')]);
  const reasonOf = (target: string): string => {
    const event = parseIputils(runs.get(target)!).events[0]!;
    assert.ok(event.kind === 'error', target);
    const { reason, type, code } = errorOfWords(parseAddress(target)!.family, event.words);
    return `${type}/${code} ${reason}`;
  };

  test('every code of "unreachable" is known by its words', () => {
    const reasons = Array.from({ length: 16 }, (_, code) => reasonOf(`10.64.${code}.1`));
    assert.deepEqual(reasons, [
      '3/0 net-unreach',
      '3/1 host-unreach',
      '3/2 proto-unreach',
      '3/3 port-unreach',
      '3/4 frag-needed',
      '3/5 source-route-failed',
      '3/6 net-unknown',
      '3/7 host-unknown',
      '3/8 host-isolated',
      '3/9 net-prohibited',
      '3/10 host-prohibited',
      '3/11 net-tos-unreach',
      '3/12 host-tos-unreach',
      '3/13 admin-prohibited',
      '3/14 precedence-violation',
      '3/15 precedence-cutoff',
    ]);
    const reasons6 = Array.from({ length: 8 }, (_, code) => reasonOf(`fd00:64:1${code}::1`));
    assert.deepEqual(reasons6, [
      '1/0 no-route',
      '1/1 admin-prohibited',
      '1/2 beyond-scope',
      '1/3 address-unreach',
      '1/4 port-unreach',
      '1/5 source-policy',
      '1/6 reject-route',
      '1/7 source-routing-error',
    ]);
    assert.equal(reasonOf('fd00:69::1'), '2/0 packet-too-big');
  });

  test('replies, duplicates, other responders and refusals are told apart', () => {
    assert.deepEqual(eventsOf(parseIputils, runs.get('10.71.0.1')!), [
      '0 reply 0.07 ttl 63 10.71.0.1',
      '0 reply 0.072 ttl 63 10.71.0.1',
      '1 reply 0.078 ttl 63 10.71.0.1',
    ]);
    assert.match(
      eventsOf(parseIputils, runs.get('10.72.0.1')!)[0]!,
      /^0 reply [\d.]+ ttl 63 10\.78\.1\.99$/,
    );
    assert.match(eventsOf(parseIputils, runs.get('fe80::7%lab-lan')!)[0]!, / fe80::7$/);
    assert.deepEqual(eventsOf(parseIputils, runs.get('10.62.0.1')!), []);
    assert.deepEqual(
      ['10.50.0.1', '10.51.0.1', '10.52.0.1', '10.53.0.1', 'fd00:51::1'].map(
        (target) => eventsOf(parseIputils, runs.get(target)!)[0],
      ),
      [
        'refused: No route to host',
        'refused: Permission denied',
        'refused: Invalid argument',
        'refused: Network is unreachable',
        'refused: Permission denied',
      ],
    );
  });
});

test('iputils of 2018 says without its name why it cannot send', () => {
  for (const [text, refusal] of [
    ['connect: Network is unreachable\n', 'Network is unreachable'],
    ['connect: Invalid argument\n', 'Invalid argument'],
    [
      'Do you want to ping broadcast? Then -b. If not, check your local firewall rules.\n',
      'Permission denied',
    ],
  ] as const)
    assert.deepEqual(eventsOf(parseIputils, text), [`refused: ${refusal}`]);
});

test('what a ping says of a host that this system has no way to is the errno, with glibc, musl and macOS', () => {
  const errnoOf = (parse: PingParser, text: string): string | undefined =>
    errnoOfWords(parse(text).refusal ?? 'nothing');
  for (const [parse, text, errno] of [
    [parseIputils, 'ping: connect: Network is unreachable', 'ENETUNREACH'],
    [parseIputils, 'ping: connect: Network unreachable', 'ENETUNREACH'],
    [parseIputils, 'ping: socket: Address family not supported by protocol', 'EAFNOSUPPORT'],
    [parseBusybox, 'ping: sendto: Network unreachable', 'ENETUNREACH'],
    [parseBusybox, 'ping: sendto: Host is unreachable', 'EHOSTUNREACH'],
    [parseBusybox, 'ping: sendto: Message too large', 'EMSGSIZE'],
    [parseBusybox, 'ping: bind: Address not available', 'EADDRNOTAVAIL'],
    [
      parseBusybox,
      "ping: can't create raw socket: Address family not supported by protocol",
      'EAFNOSUPPORT',
    ],
    [parseMacos, 'ping6: UDP connect: No route to host', 'EHOSTUNREACH'],
    [parseMacos, "ping: bind: Can't assign requested address", 'EADDRNOTAVAIL'],
  ] as const)
    assert.equal(errnoOf(parse, `${text}\n`), errno, text);
});

test('an address is read in its canonical form, however the system writes it', () => {
  for (const [written, from] of [
    ['::192.0.2.1', '::c000:201'],
    ['2001:db8:0:0:0:0:0:1', '2001:db8::1'],
  ] as const) {
    const line = `64 bytes from ${written}: icmp_seq=1 ttl=64 time=0.1 ms`;
    assert.deepEqual(eventsOf(parseIputils, line), [`0 reply 0.1 ttl 64 ${from}`]);
  }
});

test('what iputils calls damaged is neither a reply nor an error', () => {
  const lines = [
    '64 bytes from 192.0.2.7: icmp_seq=1 ttl=63 time=0.125 ms (BAD CHECKSUM!)',
    'From 192.0.2.254: icmp_seq=2 (BAD CHECKSUM)Source Quench',
    '64 bytes from 192.0.2.7: icmp_seq=3 ttl=63 time=0.118 ms',
  ];
  assert.deepEqual(eventsOf(parseIputils, lines.join('\n')), ['2 reply 0.118 ttl 63 192.0.2.7']);
});

test('BusyBox counts from 0 and shows no error', () => {
  const runs = recorded('busybox');
  assert.deepEqual(eventsOf(parseBusybox, runs.get('10.79.0.1')!), [
    '0 reply 0.079 ttl 63 10.79.0.1',
    '1 reply 0.097 ttl 63 10.79.0.1',
  ]);
  assert.equal(eventsOf(parseBusybox, runs.get('10.71.0.1')!).length, 3);
  assert.deepEqual(eventsOf(parseBusybox, runs.get('10.64.1.1')!), []);
  assert.deepEqual(eventsOf(parseBusybox, runs.get('10.50.0.1')!), ['refused: No route to host']);
});

test('macOS is read, ping and ping6', () => {
  const runs = recorded('macos');
  assert.deepEqual(eventsOf(parseMacos, runs.get('192.0.2.7')!), [
    '0 reply 12.345 ttl 57 192.0.2.7',
    '1 reply 13.1 ttl 57 192.0.2.7',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('192.0.2.8')!), [
    '0 error 192.0.2.254: Destination Host Unreachable',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('192.0.2.9')!), [
    '1 error 192.0.2.254: Communication prohibited by filter',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('198.51.100.1')!), ['refused: No route to host']);
  assert.deepEqual(eventsOf(parseMacos, runs.get('2001:db8::7')!), [
    '0 reply 1.875 ttl 60 2001:db8::7',
  ]);
  assert.deepEqual(eventsOf(parseMacos, runs.get('fe80::7%en0')!), [
    '0 reply 0.412 ttl 64 fe80::7',
  ]);
});

test('a code that macOS has no words for is known by its number, and one without a meaning counts for nothing', () => {
  const bad = (code: number): string => `Dest Unreachable, Bad Code: ${code}`;
  assert.deepEqual(errorOfWords(4, bad(10)), { reason: 'host-prohibited', type: 3, code: 10 });
  assert.deepEqual(errorOfWords(4, bad(6)), { reason: 'net-unknown', type: 3, code: 6 });
  const known = [
    bad(6),
    bad(15),
    'Time to live exceeded',
    'Destination unreachable: Unknown code 7',
  ];
  assert.deepEqual(known.filter(isNoOutcome), []);
  const unknown = [bad(16), bad(200), 'Time exceeded, Bad Code: 5', 'Time exceeded: code 5'];
  assert.deepEqual(unknown.filter(isNoOutcome), unknown);
  assert.ok(isNoOutcome('Destination unreachable: Unknown code 8'));
});

test('the code of a parameter problem of IPv6 is known by its words', () => {
  for (const [words, code] of [
    ['Wrong header field at 6', 0],
    ['Unknown header at 40', 1],
    ['Unknown option at 42', 2],
  ] as const)
    assert.deepEqual(errorOfWords(6, `Parameter problem: ${words}`), {
      ...({ reason: 'parameter-problem', type: 4 } as const),
      code,
    });
});

test("Windows' words for IPv6 are those of its statuses", () => {
  assert.equal(errorOfWords(6, 'Destination net unreachable.').reason, 'no-route');
  assert.equal(errorOfWords(6, 'TTL expired during reassembly.').reason, 'reassembly-exceeded');
  assert.equal(errorOfWords(6, 'TTL expired in transit.').reason, 'time-exceeded');
});

test('Windows is read in whatever language it speaks', () => {
  const runs = recorded('windows');
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.7')!), [
    '0 reply 12 ttl 57 192.0.2.7',
    '1 reply null ttl 57 192.0.2.7',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.8')!), [
    '1 error 192.0.2.254: Destination host unreachable.',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.9')!), [
    '0 reply 12 ttl 118 192.0.2.9',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('192.0.2.10')!), [
    '0 error 192.0.2.254: Zielhost nicht erreichbar.',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('::1')!), ['0 reply null ttl 0 ::1']);
  assert.deepEqual(eventsOf(parseWindows, runs.get('198.51.100.1')!), [
    '0 error 192.0.2.254: TTL expired in transit.',
  ]);
  assert.deepEqual(eventsOf(parseWindows, runs.get('198.51.100.2')!), [
    'refused: General failure.',
  ]);
  assert.deepEqual(errorOfWords(4, 'Zielhost nicht erreichbar.'), {
    reason: 'host-unreach',
    type: 0,
    code: 0,
  });
});

/** Heading, reply, error and statistics of one language. */
const LANGUAGES: Readonly<Record<string, readonly [string, string, string, string]>> = {
  English: [
    'Pinging 192.0.2.7 with 56 bytes of data:',
    'Reply from 192.0.2.7: bytes=56 time=6ms TTL=58',
    'Reply from 192.0.2.254: Destination host unreachable.',
    'Ping statistics for 192.0.2.7:',
  ],
  German: [
    'Ping wird ausgeführt für 192.0.2.7 mit 56 Bytes Daten:',
    'Antwort von 192.0.2.7: Bytes=56 Zeit=6ms TTL=58',
    'Antwort von 192.0.2.254: Zielhost nicht erreichbar.',
    'Ping-Statistik für 192.0.2.7:',
  ],
  French: [
    "Envoi d'une requête 'Ping'  192.0.2.7 avec 56 octets de données :",
    'Réponse de 192.0.2.7 : octets=56 temps=6 ms TTL=58',
    "Réponse de 192.0.2.254 : Impossible de joindre l'hôte de destination.",
    'Statistiques Ping pour 192.0.2.7:',
  ],
  Spanish: [
    'Haciendo ping a 192.0.2.7 con 56 bytes de datos:',
    'Respuesta desde 192.0.2.7: bytes=56 tiempo=6ms TTL=58',
    'Respuesta desde 192.0.2.254: Host de destino inaccesible.',
    'Estadísticas de ping para 192.0.2.7:',
  ],
  Italian: [
    'Esecuzione di Ping 192.0.2.7 con 56 byte di dati:',
    'Risposta da 192.0.2.7: byte=56 durata=6ms TTL=58',
    'Risposta da 192.0.2.254: Host di destinazione non raggiungibile.',
    'Statistiche Ping per 192.0.2.7:',
  ],
  Polish: [
    'Badanie 192.0.2.7 z 56 bajtami danych:',
    'Odpowiedź z 192.0.2.7: bajtów=56 czas=6ms TTL=58',
    'Odpowiedź z 192.0.2.254: Host docelowy jest nieosiągalny.',
    'Statystyka badania ping dla 192.0.2.7:',
  ],
  Russian: [
    'Обмен пакетами с 192.0.2.7 по с 56 байтами данных:',
    'Ответ от 192.0.2.7: число байт=56 время=6мс TTL=58',
    'Ответ от 192.0.2.254: Заданный узел недоступен.',
    'Статистика Ping для 192.0.2.7:',
  ],
  Turkish: [
    '192.0.2.7 ile 56 bayt veri ile ping işlemi:',
    '192.0.2.7 cevabı: bayt=56 süre=6ms TTL=58',
    '192.0.2.254 cevabı: Hedef ana bilgisayara erişilemiyor.',
    '192.0.2.7 için Ping istatistiği:',
  ],
  Japanese: [
    '192.0.2.7 に ping を送信しています 56 バイトのデータ:',
    '192.0.2.7 からの応答: バイト数 =56 時間 =6ms TTL=58',
    '192.0.2.254 からの応答: 宛先ホストに到達できません。',
    '192.0.2.7 の ping 統計:',
  ],
  Korean: [
    'Ping 192.0.2.7 56바이트 데이터 사용:',
    '192.0.2.7의 응답: 바이트=56 시간=6ms TTL=58',
    '192.0.2.254의 응답: 대상 호스트에 연결할 수 없습니다.',
    '192.0.2.7에 대한 Ping 통계:',
  ],
  Chinese: [
    '正在 Ping 192.0.2.7 具有 56 字节的数据:',
    '来自 192.0.2.7 的回复: 字节=56 时间=6ms TTL=58',
    '来自 192.0.2.254 的回复: 无法访问目标主机。',
    '192.0.2.7 的 Ping 统计信息:',
  ],
};

for (const [language, [heading, reply, error, statistics]] of Object.entries(LANGUAGES)) {
  test(`Windows in ${language}: a reply, a short reply, a timeout and an error are known by structure`, () => {
    const short = reply.replace(/=6 ?\p{L}+/u, '<1m');
    const text = ['', heading, reply, short, '…', error, '', statistics, '    = 4'].join('\r\n');
    const words = error.slice(error.search(/[:：]/) + 1).trim();
    assert.deepEqual(eventsOf(parseWindows, text), [
      '0 reply 6 ttl 58 192.0.2.7',
      '1 reply null ttl 58 192.0.2.7',
      `3 error 192.0.2.254: ${words}`,
    ]);
    assert.equal(errorOfWords(4, words).reason, 'host-unreach');
  });
}

test('Windows: an IPv6 reply has no TTL, and a zone is not a part of its address', () => {
  const linesOf = (reply: string, error: string): string[] =>
    eventsOf(parseWindows, ['', 'Ping fe80::7:', reply, error, '', 'fe80::7:'].join('\r\n'));
  assert.deepEqual(linesOf('Réponse de fe80::7%12 : temps=6 ms', 'Réponse de ::9 : Refus.'), [
    '0 reply 6 ttl 0 fe80::7',
    '1 error ::9: Refus.',
  ]);
  assert.deepEqual(linesOf('fe80::7의 응답: 시간<1ms', '2001:db8::9의 응답: 대상 없음'), [
    '0 reply null ttl 0 fe80::7',
    '1 error 2001:db8::9: 대상 없음',
  ]);
});

test('Windows: the address that replies and the one that reports are found with a source in the heading', () => {
  const text = 'Pinging 192.0.2.7 from 192.0.2.1 with 56 bytes of data:\r\n';
  assert.deepEqual(
    eventsOf(parseWindows, `${text}Reply from 192.0.2.7: bytes=56 time=2ms TTL=9\r\n`),
    ['0 reply 2 ttl 9 192.0.2.7'],
  );
});

test('a usage text is not silence; statistics that say that all is lost are', () => {
  const usage =
    'Bad option -4.\r\n\r\nUsage: ping [-t] [-n count] target\r\n\r\nOptions:\r\n    -t  Ping on.\r\n';
  const lost = [
    '1 packets transmitted, 0 received, 100% packet loss, time 0ms',
    '1 packets transmitted, 0 packets received, 100.0% packet loss',
    '    Paket: Giden = 1, Gelen = 0, Kaybolan = 1 (%100 kayıp),',
  ];
  for (const parse of [parseIputils, parseBusybox, parseMacos, parseWindows]) {
    assert.deepEqual(eventsOf(parse, usage), []);
    assert.equal(isUnread(parse(usage), usage), true);
    for (const text of lost) assert.equal(isUnread(parse(text), text), false, text);
  }
});
