/** The `web` section of a configuration, read as a whole one is. */

import { parseConfig } from '../../../src/inventory/config/config-file.ts';
import type { WebConfig } from '../../../src/inventory/config/web-config.ts';

export function readWebConfig(web: string): WebConfig {
  return parseConfig(`networks: { office: { targets: 192.0.2.0/28 } }\nweb: ${web}\n`, 'x.yaml')
    .web;
}
