/** `--sites` and `--spread`: which sites sweep, and which other options do not go with them. */

import { optionInvalid } from '../../option-value.ts';
import { isName, NAME_RULE } from '../../sites/contract/names.ts';
import type { FileOptions, RunOptions, SiteOptions } from '../command-options.ts';

/** Options about the machine that sweeps, or about a report of one machine. */
const NOT_WITH_SITES = [
  ['local', '--local', 'name the networks of the sites'],
  ['live', '--live', 'leave it out'],
  ['dryRun', '--dry-run', 'leave --sites out to see the targets'],
  ['resume', '--resume', 'go on with echosweep scans resume'],
] as const;

/**
 * The names of the sites that sweep, each once; none if this machine sweeps.
 * @throws EchosweepError OPTION_INVALID
 */
export function siteNamesOf(options: SiteOptions & FileOptions & RunOptions): readonly string[] {
  const { sites, spread, hub, deadlineS } = options;
  if (sites !== undefined && spread !== undefined) {
    throw optionInvalid('--sites and --spread exclude each other', 'give one of them');
  }
  const names = sites ?? spread;
  if (names === undefined) {
    if (hub === undefined && deadlineS === undefined) return [];
    throw optionInvalid('--hub and --deadline are about sites', 'name these with --sites');
  }
  const wrong = names.find((name) => !isName(name));
  if (wrong !== undefined) {
    throw optionInvalid(`${JSON.stringify(wrong)} is not the name of a site`, NAME_RULE);
  }
  for (const [key, flag, advice] of NOT_WITH_SITES) {
    if (options[key] === undefined || options[key] === false) continue;
    throw optionInvalid(`${flag} does not go with --sites and --spread`, advice);
  }
  return [...new Set(names)];
}
