/** The web interface as commands open it, and what they say about it. */

import { messageOf } from '../../errors.ts';
import type { ConfigFile } from '../../inventory/config/config-file.ts';
import type { Inventory } from '../../service/inventory.ts';
import { type ListenAddress, USUAL_ADDRESS } from '../../web/listen-address.ts';
import type { WebServer } from '../../web/web-server.ts';
import { safeText } from '../../words.ts';
import { errorLine, printWords, type Surroundings } from '../terminal.ts';

/**
 * Serves the inventory. It is loaded only here: other commands start sooner without it.
 * @throws EchosweepError CONFIG_INVALID, OPTION_INVALID or SOCKET_FAILED
 */
export async function openWeb(
  inventory: Inventory,
  address: ListenAddress,
  surroundings: Surroundings,
): Promise<WebServer> {
  const { serveWeb } = await import('../../web/web-server.ts');
  const say = (line: string): void => printWords(surroundings, [errorLine(line)]);
  const server = await serveWeb({
    inventory,
    address,
    env: surroundings.env,
    onFault: (error) => say(`web: ${messageOf(error)}`),
    onRefusal: (line) => say(`web: ${line}`),
  });
  const { web } = inventory.file.config;
  const isClear = web.tls === undefined && web.url?.protocol !== 'https:' && web.users.size > 0;
  if (isClear && !server.isLoopback) {
    say('web: passwords travel unencrypted: configure web.tls, or a proxy with TLS and web.url');
  }
  return server;
}

/** How to see the inventory in a browser. @param config as on the command line */
export function pageLine(
  { config: { web } }: Pick<ConfigFile, 'config'>,
  config: string | undefined,
): string {
  const option = config === undefined ? '' : ` --config ${safeText(config)}`;
  return web.url === undefined
    ? `echosweep inventory serve${option}   shows all of it in a browser, at http://${USUAL_ADDRESS}`
    : `all of it is at ${web.url.href}`;
}

/** Where the web interface is, for a person who may use it. */
export function signInLines(server: WebServer): string[] {
  const link = server.oneTimeLink();
  return [
    errorLine(
      link === undefined
        ? `the web interface is at ${server.url}`
        : `open ${link} (signs in once, within an hour)`,
    ),
  ];
}
