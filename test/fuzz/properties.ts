/** Every fuzzed property, for the unit run and the nightly one alike. */

import { PACKETS } from './packets.ts';
import type { FuzzProperty } from './property.ts';

export const PROPERTIES: readonly FuzzProperty[] = [...PACKETS];
