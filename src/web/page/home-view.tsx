/** All networks at once: which is full, what is new, and whether the latest scans are reliable. */

import type { Network, Page } from './answers.ts';
import { apiPath } from './api.ts';
import { running, version } from './live.ts';
import { Ago, Empty, Failure, Pending } from './parts.tsx';
import { href } from './route.ts';
import { ScanButton, ScanProgress } from './scan-panel.tsx';
import { hasSites } from './session.ts';
import { SiteList } from './site-list.tsx';
import { MapStrip, StateBar } from './strip.tsx';
import { useAnswer } from './use-answer.ts';
import { countText, percentText, plural } from './words.ts';

/** So many percent of the addresses in use are worth a look. */
const NEARLY_FULL_PCT = 90;

export function HomeView() {
  const { data, failure } = useAnswer<Page<Network>>(
    apiPath(['networks'], { limit: 1000 }),
    version.value,
  );
  return (
    <>
      <div class="title-line">
        <h1 tabIndex={-1}>Networks</h1>
        {data !== undefined && data.items.length > 0 && <Totals networks={data.items} />}
      </div>
      {failure !== undefined && <Failure failure={failure} />}
      {data === undefined && failure === undefined && <Pending height={420} />}
      {data?.items.length === 0 && (
        <Empty title="No network is configured yet">
          <p>
            Run <code>echosweep inventory init</code>, or add a network to the configuration.
          </p>
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ul class="networks">
          {data.items.map((network) => (
            <li key={network.name} class="card network">
              <NetworkRow network={network} />
            </li>
          ))}
        </ul>
      )}
      {hasSites.value && <SiteList />}
    </>
  );
}

function Totals({ networks }: { readonly networks: readonly Network[] }) {
  const sum = (name: keyof Network['hosts']): number =>
    networks.reduce((total, { hosts }) => total + (hosts[name] ?? 0), 0);
  const parts = [
    plural(networks.length, 'network'),
    `${countText(sum('present'))} hosts up`,
    ...(sum('missing') > 0 ? [`${countText(sum('missing'))} missing`] : []),
    ...(sum('conflicts') > 0 ? [plural(sum('conflicts'), 'conflict')] : []),
    ...(sum('new_7d') > 0 ? [`${countText(sum('new_7d'))} new this week`] : []),
  ];
  return <p class="muted">{parts.join(' · ')}</p>;
}

function NetworkRow({ network }: { readonly network: Network }) {
  const { name, targets, site, hosts, used_pct: used } = network;
  const progress = running.value[name] ?? network.running;
  // Of a network that was scanned in part, the share says little.
  const isFull = (used ?? 0) >= NEARLY_FULL_PCT && hosts.unscanned === 0;
  return (
    <>
      <div class="network-name">
        <h2>
          <a href={href(['network', name])}>{name}</a>
        </h2>
        <p class="muted clip" title={targets.join(', ')}>
          {[...(site ? [site] : []), targets.join(', ')].join(' · ')}
        </p>
      </div>
      <p class={`used ${isFull ? 'full' : ''}`}>
        <b>{used === null ? '–' : percentText(used)}</b>
        <span class="muted">used</span>
      </p>
      <div class="network-state">
        {network.last_scan === null ? <NoScan network={network} /> : <StateBar hosts={hosts} />}
      </div>
      <div class="network-scan">
        {progress === null ? <LastScan network={network} /> : <ScanProgress progress={progress} />}
        <ScanButton network={name} isRunning={progress !== null} isRequested={network.requested} />
      </div>
      <Marks network={network} />
      <MapStrip network={network} />
    </>
  );
}

/** What deserves a look, each with the way to it. */
function Marks({ network: { name, hosts } }: { readonly network: Network }) {
  const { conflicts, new_7d: fresh, unknown } = hosts;
  if (conflicts + fresh + unknown === 0) return null;
  return (
    <p class="marks">
      {conflicts > 0 && (
        <a class="mark alarm" href={href(['network', name, 'hosts'], { conflict: 'true' })}>
          {plural(conflicts, 'conflict')}
        </a>
      )}
      {fresh > 0 && (
        <a class="mark" href={href(['changes'], { network: name, kind: 'new', since: '7d' })}>
          {countText(fresh)} new this week
        </a>
      )}
      {unknown > 0 && (
        <a class="mark" href={href(['network', name, 'hosts'], { undocumented: 'true' })}>
          {countText(unknown)} undocumented
        </a>
      )}
    </p>
  );
}

export function NoScan({ network }: { readonly network: Network }) {
  if ((running.value[network.name] ?? network.running) !== null) {
    return <p class="muted">The first scan is running.</p>;
  }
  return (
    <p class="muted">
      No scan yet: run <code>echosweep inventory scan {network.name}</code>
      {network.next_scan !== null && ', or wait for the first on schedule'}
    </p>
  );
}

export function LastScan({ network }: { readonly network: Network }) {
  const { last_scan: last, next_scan: next } = network;
  return (
    <p class="scan-times">
      <span>
        {last === null ? (
          'Never scanned'
        ) : (
          <>
            Scanned <Ago at={last.ended_at} />
          </>
        )}
      </span>
      {next !== null && (
        <span class="muted">
          next <Ago at={next} />
        </span>
      )}
      {last !== null && last.doubt !== null && (
        <span class="flag" title={last.doubt}>
          unreliable
        </span>
      )}
      {last?.partial === true && (
        <span class="flag">{last.doubt === null ? 'stopped early' : 'not complete'}</span>
      )}
    </p>
  );
}
