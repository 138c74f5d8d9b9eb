/** Changes, newest first: what is unread, and why. */

import { useEffect, useMemo, useState } from 'preact/hooks';
import type { Change, Network, Page } from './answers.ts';
import { ApiError, apiPath, get, type Query } from './api.ts';
import { ChangeList } from './change-list.tsx';
import { keepIn, keptIn } from './kept-places.ts';
import { version, versionOf } from './live.ts';
import { Chip, Empty, Failure, Pending } from './parts.tsx';
import { refine, route } from './route.ts';
import { useAnswer } from './use-answer.ts';
import { CHANGE_KINDS, changeWord } from './words.ts';

const PART = 100;
/** Of a request. */
const MOST = 1000;
const SEVERITIES = [
  ['alarm', 'Alarms'],
  ['notice', 'Notices'],
  ['info', 'Information'],
] as const;

/** Filters that come from links alone. */
const FURTHER = ['address', 'since', 'until'] as const;

export function ChangesView() {
  return (
    <>
      <div class="title-line">
        <h1 tabIndex={-1}>Changes</h1>
      </div>
      <ChangeFeed />
    </>
  );
}

interface ChangeFeedProps {
  /** undefined for all networks. */
  readonly network?: string;
  /** Of one host, without filters. */
  readonly address?: string;
}

export function ChangeFeed({ network, address }: ChangeFeedProps) {
  const { query } = route.value;
  const isOfHost = address !== undefined;
  const wish = (name: string): string | undefined =>
    isOfHost ? undefined : (query.get(name) ?? undefined);
  const filter: Query = {
    network: network ?? wish('network'),
    address: address ?? wish('address'),
    kind: wish('kind'),
    severity: wish('severity'),
    since: wish('since'),
    until: wish('until'),
    unread: wish('unread'),
  };
  const seen = network === undefined ? version.value : versionOf(network);
  const list = useChanges(filter, seen);
  return (
    <div class="feed">
      {!isOfHost && <Filters hasNetwork={network !== undefined} filter={filter} />}
      {list.failure !== undefined && <Failure failure={list.failure} />}
      {list.items === undefined && list.failure === undefined && (
        <Pending height={isOfHost ? 80 : 360} />
      )}
      {list.items?.length === 0 && (
        <Empty title={isOfHost ? 'Nothing has changed' : 'No change matches'}>
          <p>
            {isOfHost
              ? 'Its first appearance, its absences and new names will be listed here.'
              : filter['unread'] === 'true'
                ? 'Everything has been read.'
                : 'The first scan of a network reports no changes: later scans are compared with it.'}
          </p>
        </Empty>
      )}
      {list.items !== undefined && list.items.length > 0 && (
        <ChangeList
          changes={list.items}
          total={list.total}
          filter={filter}
          isOfHost={isOfHost}
          hasNetwork={network !== undefined}
        />
      )}
      {list.next !== null && (
        <p class="more">
          <button type="button" onClick={list.more}>
            Show more
          </button>
        </p>
      )}
    </div>
  );
}

interface Changes {
  readonly items: readonly Change[] | undefined;
  readonly total: number;
  readonly next: string | null;
  readonly failure: ApiError | undefined;
  readonly more: () => void;
}

interface FurtherParts {
  /** The first part that they follow. */
  readonly of: Page<Change> | undefined;
  readonly page: Page<Change> | undefined;
  readonly failure?: ApiError;
}

/** The first part again with every version; further parts when the reader requests them. */
function useChanges(filter: Query, seen: number): Changes {
  const { step } = route.value;
  const list = apiPath(['changes'], filter);
  // At once as many as the reader had: they may come back to the last of them.
  const limit = useMemo(() => {
    const { feed } = keptIn(step);
    return feed?.list === list ? Math.max(PART, Math.min(MOST, feed.shown)) : PART;
  }, [step, list, seen]);
  const first = useAnswer<Page<Change>>(apiPath(['changes'], { ...filter, limit }), seen, list);
  const [last, setLast] = useState<FurtherParts>();
  // Parts of an earlier list do not go on where this one ends.
  const further = last?.of === first.data ? last : undefined;
  const next = (further?.page ?? first.data)?.next ?? null;
  const more = async (): Promise<void> => {
    const of = first.data;
    const items = further?.page?.items ?? [];
    try {
      const page = await get<Page<Change>>(
        apiPath(['changes'], { ...filter, limit: PART, cursor: next ?? undefined }),
      );
      setLast({ of, page: { ...page, items: [...items, ...page.items] } });
    } catch (error) {
      if (error instanceof ApiError) setLast({ of, page: further?.page, failure: error });
    }
  };
  const items = first.data && [...first.data.items, ...(further?.page?.items ?? [])];
  const shown = items?.length ?? 0;
  useEffect(() => {
    if (shown > 0) keepIn(step, { feed: { list, shown } });
  }, [step, list, shown]);
  return {
    items,
    total: first.data?.total ?? 0,
    next,
    failure: first.failure ?? further?.failure,
    more: () => void more(),
  };
}

function Filters({ hasNetwork, filter }: { readonly hasNetwork: boolean; readonly filter: Query }) {
  const networks = useAnswer<Page<Network>>(
    hasNetwork ? undefined : apiPath(['networks'], { limit: 1000 }),
  );
  const severities = new Set(
    String(filter['severity'] ?? '')
      .split(',')
      .filter(Boolean),
  );
  const toggle = (severity: string): void => {
    if (!severities.delete(severity)) severities.add(severity);
    refine({ severity: [...severities].join(',') });
  };
  return (
    <div class="controls">
      {!hasNetwork && (
        <select
          aria-label="Network"
          value={String(filter['network'] ?? '')}
          onChange={({ currentTarget }) => refine({ network: currentTarget.value })}
        >
          <option value="">All networks</option>
          {networks.data?.items.map(({ name }) => (
            <option key={name} value={name}>
              {name}
            </option>
          ))}
        </select>
      )}
      <select
        aria-label="Kind of change"
        value={String(filter['kind'] ?? '')}
        onChange={({ currentTarget }) => refine({ kind: currentTarget.value })}
      >
        <option value="">All kinds</option>
        {CHANGE_KINDS.map((kind) => (
          <option key={kind} value={kind}>
            {changeWord(kind)}
          </option>
        ))}
      </select>
      <fieldset class="chips">
        <legend class="hidden">Severity</legend>
        {SEVERITIES.map(([severity, label]) => (
          <Chip key={severity} isOn={severities.has(severity)} onToggle={() => toggle(severity)}>
            <i class={`dot ${severity}`} />
            {label}
          </Chip>
        ))}
        <Chip
          isOn={filter['unread'] === 'true'}
          onToggle={() => refine({ unread: filter['unread'] === 'true' ? undefined : 'true' })}
        >
          Unread
        </Chip>
        {FURTHER.filter((name) => filter[name]).map((name) => (
          <Chip key={name} isOn={true} onToggle={() => refine({ [name]: undefined })}>
            {name}: {filter[name]} ✕
          </Chip>
        ))}
      </fieldset>
    </div>
  );
}
