/** One network: what it is, the scan that runs, and its map, hosts, days and changes. */

import type { ComponentType } from 'preact';
import type { Network } from './answers.ts';
import { apiPath } from './api.ts';
import { ChangeFeed } from './changes-view.tsx';
import { LastScan, NoScan } from './home-view.tsx';
import { HostTable } from './host-table.tsx';
import { running, versionOf } from './live.ts';
import { NetworkDays } from './network-days.tsx';
import { NetworkMapSection } from './network-map.tsx';
import { Failure, type NetworkPartProps, Pending } from './parts.tsx';
import { href } from './route.ts';
import { ScanButton, ScanProgress } from './scan-panel.tsx';
import { StateBar } from './strip.tsx';
import { useAnswer } from './use-answer.ts';
import { countText, percentText, rttText } from './words.ts';

interface Tab {
  readonly id: string;
  readonly label: string;
  readonly part: ComponentType<NetworkPartProps>;
}

const TABS: readonly Tab[] = [
  { id: '', label: 'Map', part: NetworkMapSection },
  { id: 'hosts', label: 'Hosts', part: HostTable },
  { id: 'days', label: 'Over time', part: NetworkDays },
  { id: 'changes', label: 'Changes', part: NetworkChanges },
];

function NetworkChanges({ name }: NetworkPartProps) {
  return <ChangeFeed network={name} />;
}

export function NetworkView({ name, tab }: { readonly name: string; readonly tab: string }) {
  const { data, failure } = useAnswer<Network>(apiPath(['networks', name]), versionOf(name), name);
  const shown = TABS.find(({ id }) => id === tab) ?? TABS[0]!;
  return (
    <>
      <p class="trail">
        <a href={href([])}>Networks</a>
      </p>
      <div class="title-line">
        <h1 tabIndex={-1}>{name}</h1>
        {data !== undefined && (
          <p class="muted clip" title={data.targets.join(', ')}>
            {[...(data.site ? [data.site] : []), data.targets.join(', ')].join(' · ')}
          </p>
        )}
      </div>
      {failure !== undefined && <Failure failure={failure} />}
      {data === undefined && failure === undefined && <Pending height={164} />}
      {data !== undefined && <Head network={data} />}
      {(data !== undefined || failure === undefined) && (
        <>
          <nav class="tabs" aria-label={`Views of ${name}`}>
            {TABS.map(({ id, label }) => (
              <a
                key={id}
                href={href(['network', name, ...(id === '' ? [] : [id])])}
                aria-current={id === shown.id ? 'page' : undefined}
              >
                {label}
              </a>
            ))}
          </nav>
          <shown.part key={`${name} ${shown.id}`} name={name} network={data} />
        </>
      )}
    </>
  );
}

function Head({ network }: { readonly network: Network }) {
  const { name, hosts, used_pct: used, last_scan: last, requested } = network;
  const progress = running.value[name] ?? network.running;
  const up = progress?.up ?? hosts.present;
  return (
    <section class="card head-card" aria-label="At a glance">
      <dl class="figures">
        <Figure label="Used" value={used === null ? '–' : percentText(used)} />
        <Figure label={progress === null ? 'Up' : 'Up so far'} value={countText(up)} />
        <Figure label="Free" value={hosts.free === null ? '–' : countText(hosts.free)} />
        <Figure label="New in 7 days" value={countText(hosts.new_7d)} />
        <Figure
          label="Conflicts"
          value={countText(hosts.conflicts)}
          isAlarm={hosts.conflicts > 0}
        />
        <Figure label="Median RTT" value={rttText(last?.rtt_median_ms ?? null) || '–'} />
      </dl>
      {last === null ? <NoScan network={network} /> : <StateBar hosts={hosts} />}
      <div class="network-scan">
        {progress === null ? <LastScan network={network} /> : <ScanProgress progress={progress} />}
        <ScanButton network={name} isRunning={progress !== null} isRequested={requested} />
      </div>
      {last !== null && last.doubt !== null && (
        <p class="remark doubt">Do not trust the latest scan: {last.doubt}</p>
      )}
    </section>
  );
}

interface FigureProps {
  readonly label: string;
  readonly value: string;
  readonly isAlarm?: boolean;
}

function Figure({ label, value, isAlarm = false }: FigureProps) {
  return (
    <div>
      <dt>{label}</dt>
      <dd class={isAlarm ? 'alarm' : ''}>{value}</dd>
    </div>
  );
}
