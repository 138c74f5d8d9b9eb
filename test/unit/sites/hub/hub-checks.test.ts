/** What `hub doctor` finds about the authority that agents trust. */

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { MS_A_DAY } from '../../../../src/durations.ts';
import { type Finding, hubFindings } from '../../../../src/sites/hub/hub-checks.ts';
import { HubFolder } from '../../../../src/sites/hub/hub-folder.ts';

const FOLDER = mkdtempSync(join(tmpdir(), 'echosweep-test-'));
after(() => rmSync(FOLDER, { recursive: true }));

const skip = spawnSync('openssl', ['version']).status !== 0 && 'no openssl here';

/** Valid until 2026-06-01. */
const EXPIRED = `-----BEGIN CERTIFICATE-----
MIIBZDCCAQqgAwIBAgIBATAKBggqhkjOPQQDAjAYMRYwFAYDVQQDDA1lY2hvc3dl
ZXAgaHViMB4XDTE2MDEwMTAwMDAwMFoXDTI2MDYwMTAwMDAwMFowGDEWMBQGA1UE
AwwNZWNob3N3ZWVwIGh1YjBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABGzUuTCk
icrQP1zoJl+8wGnsdR8uXmN0tLe/EvZRcAniVEdK7rzcolfeX/ILBal98Xtlizy2
/D3rslcXy/fn++ujRTBDMBIGA1UdEwEB/wQIMAYBAf8CAQAwDgYDVR0PAQH/BAQD
AgEGMB0GA1UdDgQWBBSXcwslywPOi3dgYyWN8RsUVBJqkjAKBggqhkjOPQQDAgNI
ADBFAiBdzoMYct/rBSg7IDcb1xW5vKx37ExilNZlmFPSLbGbYgIhAKkXtNLWEYqI
I5p97U5UzZfyZ9IHfrb7E34/kGz9QtZd
-----END CERTIFICATE-----
`;

async function authorityAt(hub: HubFolder, now: Date): Promise<Finding | undefined> {
  const findings = await hubFindings(
    {
      folder: hub.path,
      program: undefined,
      searchPath: '',
      connect: () => Promise.reject(new Error('no hub runs')),
    },
    now,
  );
  return findings.find(({ what }) => what === 'authority');
}

test('an authority that has expired is wrong, and one that soon will is worth a remark', {
  skip,
}, async () => {
  const hub = HubFolder.create(join(FOLDER, 'own'), {
    listen: '127.0.0.1:4222',
    names: ['hub.example'],
  });
  const endMs = Date.parse(new X509Certificate(hub.access.ca!).validTo);
  const until = new Date(endMs).toISOString().slice(0, 10);
  const again =
    'set the hub up in another folder with echosweep hub init, and give each agent a new join file';
  const found = (now: number) => authorityAt(hub, new Date(now));
  assert.deepEqual(await found(endMs - 181 * MS_A_DAY), {
    what: 'authority',
    verdict: 'well',
    detail: `until ${until}`,
  });
  assert.deepEqual(await found(endMs - 179 * MS_A_DAY), {
    what: 'authority',
    verdict: 'remark',
    detail: `until ${until}: before then, ${again}`,
  });
  assert.deepEqual(await found(endMs), {
    what: 'authority',
    verdict: 'wrong',
    detail: `expired on ${until}, so no agent can connect: ${again}`,
  });
});

test('of several authorities, the last decides', { skip }, async () => {
  const ca = HubFolder.create(join(FOLDER, 'ca'), {
    listen: '127.0.0.1:4222',
    names: ['hub.example'],
  }).access.ca!;
  const urls = ['tls://nats.example:4222'];
  const hub = HubFolder.create(join(FOLDER, 'bundle'), { urls, ca: `${EXPIRED}${ca}` });
  assert.equal((await authorityAt(hub, new Date()))?.verdict, 'well');
});

test('an authority that is no certificate is wrong, and without one there is nothing to say', async () => {
  const urls = ['tls://nats.example:4222'];
  const wrong = HubFolder.create(join(FOLDER, 'wrong'), { urls, ca: 'nothing' });
  assert.equal((await authorityAt(wrong, new Date()))?.verdict, 'wrong');
  const system = HubFolder.create(join(FOLDER, 'system'), { urls, ca: undefined });
  assert.equal(await authorityAt(system, new Date()), undefined);
});
