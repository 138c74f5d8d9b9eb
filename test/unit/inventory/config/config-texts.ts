/** Configurations as texts, so that each test names only the fields that it is about. */

import type { InventoryConfig, NetworkSettings } from '../../../../src/inventory/config/config.ts';
import { parseConfig } from '../../../../src/inventory/config/config-file.ts';

/** A network, for tests of what holds for all networks. */
export const NETWORKS = 'networks: { a: { targets: 192.0.2.1 } }\n';

/** What a file with this name and text says. */
export function configOf(text: string, path = 'c.yaml'): InventoryConfig {
  return parseConfig(text, path);
}

/** The settings of a network with these options of the sweep. */
export function settingsWith(sweep: string): NetworkSettings {
  return configOf(`networks: { a: { targets: 192.0.2.1, sweep: ${sweep} } }`).networks[0]!.settings;
}
