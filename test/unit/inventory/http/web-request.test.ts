/** A request to a real web server on this host that misbehaves. */

import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import { sendForText } from '../../../../src/inventory/http/web-request.ts';
import { AMPLE_TIMEOUT_MS } from '../../../patience.ts';

test('an answer that wants another protocol is an answer, which ends the wait', async () => {
  const server = createServer(({ socket }) => {
    const head = ['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'];
    socket.write(`${head.join('\r\n')}\r\n\r\n`);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const { status, text } = await sendForText(
    {
      method: 'GET',
      url: new URL(`http://127.0.0.1:${port}/api/`),
      headers: {},
      body: undefined,
      signal: AbortSignal.timeout(AMPLE_TIMEOUT_MS),
    },
    undefined,
  );
  server.close();
  assert.deepEqual({ status, text }, { status: 101, text: '' });
});
