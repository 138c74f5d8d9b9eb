/** Why there is no connection to a hub, in words that say what to do. */

import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import {
  isKeyRefused,
  whyLost,
  whyNotConnected,
} from '../../../src/sites/nats/connection-words.ts';

const URL = 'tls://hub.example:4222';
const OWNER = { whose: 'berlin/a1', keyAdvice: 'make a new join file' };

const coded = (code: string): Error => Object.assign(new Error('raw words'), { code });

describe('why there is no connection', () => {
  const cases: readonly [string, Error, RegExp][] = [
    [
      'a key that is refused',
      Object.assign(new Error("'Authorization Violation'"), { name: 'AuthorizationError' }),
      /^the hub at tls:.* refuses the key of berlin\/a1: make a new join file$/,
    ],
    [
      'a certificate of another authority',
      coded('UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
      /not signed by the authority in the join file/,
    ],
    [
      'a certificate that has expired',
      coded('CERT_HAS_EXPIRED'),
      /or its authority has expired: see echosweep hub doctor/,
    ],
    ['a certificate for another name', coded('ERR_TLS_CERT_ALTNAME_INVALID'), /is for other names/],
    ['nothing that listens', coded('ECONNREFUSED'), /nothing listens there/],
    ['a name that is not known', coded('ENOTFOUND'), /its name is not known/],
    [
      'a cause behind another error',
      new Error('outer', { cause: coded('EHOSTUNREACH') }),
      /no route leads there/,
    ],
    ['what has no words of ours', new Error('something else'), /cannot be reached: something else/],
  ];
  for (const [what, error, words] of cases) {
    test(`is said of ${what}`, () => assert.match(whyNotConnected(error, URL, OWNER), words));
  }

  test('of a connection that was there, it is that it was lost, however it ended', () => {
    for (const error of [new Error(''), coded('ECONNRESET'), coded('EPIPE')])
      assert.equal(whyLost(error, URL, OWNER), `the connection to ${URL} was lost`);
    const refused = new Error('Authorization Violation');
    assert.match(whyLost(refused, URL, OWNER), /refuses the key of berlin\/a1/);
  });

  test('is the key only if the server says so', () => {
    assert.equal(isKeyRefused(coded('ECONNREFUSED')), false);
    assert.equal(
      isKeyRefused(new Error('outer', { cause: new Error('Authorization Violation') })),
      true,
    );
    // From nats-server, if a busy machine signs too late; the client gives it the same class.
    const late = Object.assign(new Error("'Authentication Timeout'"), {
      name: 'AuthorizationError',
    });
    assert.equal(isKeyRefused(late), false);
    assert.match(whyNotConnected(late, URL, OWNER), /proved its key too late/);
  });
});
