/** The hosts of a network: filters in the URL, and a table that fetches the rows in sight. */

import { plural } from '../../words.ts';
import type { HostState } from './answers.ts';
import { DebouncedSearch } from './debounced-search.tsx';
import { HostRows } from './host-rows.tsx';
import { useHostWindows } from './host-windows.ts';
import { versionOf } from './live.ts';
import { Chip, type NetworkPartProps } from './parts.tsx';
import { refine, route } from './route.ts';
import { STATE_CLASS, stateWord } from './states.ts';
import { countText } from './words.ts';

/** Of interest unless the reader chooses: free addresses are many. */
const USUAL = 'up,missing,gone';
const CHOICES: readonly HostState[] = ['up', 'missing', 'gone', 'silent'];

/** Filters that come from links alone. */
const FURTHER = ['unseen', 'tag', 'conflict', 'undocumented'] as const;
/** Of those that are on or off. */
const FURTHER_WORDS: Readonly<Record<string, string>> = {
  conflict: 'In conflict',
  undocumented: 'Undocumented',
};

export function HostTable({ name, network }: NetworkPartProps) {
  const { query, step } = route.value;
  const filters = {
    state: query.get('state') ?? USUAL,
    q: query.get('q') ?? undefined,
    sort: query.get('sort') ?? undefined,
    order: query.get('order') ?? undefined,
    unseen: query.get('unseen') ?? undefined,
    tag: query.get('tag') ?? undefined,
    conflict: query.get('conflict') ?? undefined,
    undocumented: query.get('undocumented') ?? undefined,
  };
  const { windows, failure } = useHostWindows({ network: name, filters, step }, versionOf(name));
  const { present, missing, gone } = network?.hosts ?? {};
  const counts: Partial<Record<HostState, number | undefined>> = { up: present, missing, gone };
  const chosen = new Set(filters.state.split(','));
  const toggle = (state: HostState): void => {
    if (!chosen.delete(state)) chosen.add(state);
    const states = CHOICES.filter((choice) => chosen.has(choice)).join(',');
    refine({ state: states === USUAL ? undefined : states });
  };
  const further = FURTHER.filter((filter) => filters[filter]);
  return (
    <section aria-labelledby="hosts-title">
      <h2 id="hosts-title" class="hidden">
        Hosts
      </h2>
      <div class="controls">
        <DebouncedSearch
          value={filters.q ?? ''}
          onSearch={(q) => refine({ q })}
          placeholder="Address, name, MAC address, maker"
          label="Filter hosts"
        />
        <fieldset class="chips">
          <legend class="hidden">States</legend>
          {CHOICES.map((state) => (
            <Chip key={state} isOn={chosen.has(state)} onToggle={() => toggle(state)}>
              <i class={`swatch ${STATE_CLASS[state]}`} />
              {stateWord(state)}
              {counts[state] !== undefined && <b>{countText(counts[state])}</b>}
            </Chip>
          ))}
          {further.map((filter) => (
            <Chip key={filter} isOn={true} onToggle={() => refine({ [filter]: undefined })}>
              {FURTHER_WORDS[filter] ?? `${filter}: ${filters[filter]}`} ✕
            </Chip>
          ))}
        </fieldset>
        <output class="muted shown">
          {windows?.total === undefined ? '' : plural(windows.total, 'host')}
        </output>
      </div>
      <HostRows
        windows={windows}
        failure={failure}
        sort={filters.sort}
        order={filters.order}
        onSort={(sort, order) => refine({ sort, order })}
      />
    </section>
  );
}
