/** Opens the engine that a set of targets and its canary need. */

import type { Family } from '../address.ts';
import type { SweepSettings } from '../settings.ts';
import type { TargetSet } from '../targets/target-set.ts';
import type { EngineRequest, OpenedEngine } from './block-engine.ts';
import type { CanaryHost } from './canary.ts';
import { openEngine } from './engines.ts';
import { zonesOf } from './outlook.ts';
import { ownShare, workersFor } from './plan.ts';

/** As `openEngine`. */
export function openFor(
  settings: SweepSettings,
  targets: TargetSet,
  canary: CanaryHost | undefined,
  links: Pick<EngineRequest, 'links' | 'gatewayLinks' | 'heardOn' | 'behind'>,
): Promise<OpenedEngine> {
  const families = new Set<Family>(targets.ranges.map((range) => range.family));
  const zones = new Set(zonesOf(targets.ranges));
  if (canary?.choice === 'named') {
    families.add(canary.family);
    if (canary.zone !== '') zones.add(canary.zone);
  }
  return openEngine({
    settings,
    families: [...families].sort(),
    zones: [...zones],
    workers: workersFor(targets.count, settings),
    ownShare: ownShare(targets.count, settings),
    ...links,
  });
}

/** A link-local gateway is left out if the engine cannot probe it; a named one is among the zones that it was opened for. */
export function canProbe(
  { canProbeZones }: OpenedEngine,
  canary: CanaryHost | undefined,
): canary is CanaryHost {
  if (canary === undefined) return false;
  return canary.choice === 'named' || canary.zone === '' || canProbeZones;
}
