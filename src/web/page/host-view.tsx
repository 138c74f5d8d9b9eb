/** One host: how it is, how it was, what people know about it. */

import { useState } from 'preact/hooks';
import type { HostFacts, Page, Span } from './answers.ts';
import { apiPath } from './api.ts';
import { Availability } from './availability.tsx';
import { ChangeFeed } from './changes-view.tsx';
import { daysAgo } from './clock.ts';
import { DrawnFigure, useFigureCode } from './drawn-figure.tsx';
import { HostFactsSection } from './host-facts.tsx';
import { version, versionOf } from './live.ts';
import { NoteSection } from './note-form.tsx';
import { Empty, Failure, Moment, nameOf, Pending, SpanChoice, StateMark } from './parts.tsx';
import { href } from './route.ts';
import { useAnswer } from './use-answer.ts';

interface HostViewProps {
  readonly address: string;
  readonly network: string | undefined;
}

export function HostView({ address, network }: HostViewProps) {
  useFigureCode();
  const [saved, setSaved] = useState(0);
  const seen = network === undefined ? version.value : versionOf(network);
  const { data, failure } = useAnswer<{ readonly items: readonly HostFacts[] }>(
    apiPath(['hosts', address], { network }),
    `${seen} ${saved}`,
    `${address} ${network}`,
  );
  const isUnknown = failure?.status === 404 || data?.items.length === 0;
  const hosts = isUnknown || data === undefined ? [undefined] : data.items;
  return (
    <>
      <p class="trail">
        <a href={href([])}>Networks</a>
        {network !== undefined && <a href={href(['network', network])}>{network}</a>}
      </p>
      {failure !== undefined && !isUnknown && <Failure failure={failure} />}
      {/* By number, so that the heading stays the same when the data arrives: it may have the focus. */}
      {hosts.map((host, number) => (
        <article key={number}>
          <HostTitle address={address} host={host} />
          {host !== undefined && (
            <HostInNetwork
              key={host.network}
              host={host}
              onSaved={() => setSaved((times) => times + 1)}
            />
          )}
          {host === undefined && isUnknown && (
            <Empty title="No scan has seen this address">
              <p>It is not among the targets of a network, or its first scan is still to come.</p>
            </Empty>
          )}
          {host === undefined && failure === undefined && !isUnknown && <Pending height={480} />}
        </article>
      ))}
    </>
  );
}

interface HostTitleProps {
  readonly address: string;
  readonly host: HostFacts | undefined;
}

function HostTitle({ address, host }: HostTitleProps) {
  const name = host === undefined ? '' : nameOf(host);
  return (
    <div class="title-line host-title">
      <h1 tabIndex={-1}>
        {host?.address ?? address}
        {name !== '' && <span class="host-name">{name}</span>}
      </h1>
      {host !== undefined && <HostPills host={host} />}
    </div>
  );
}

function HostPills({ host: { network, state, note } }: { readonly host: HostFacts }) {
  const muted = note?.muted_until ?? null;
  return (
    <p class="pills">
      <span class="pill">
        <StateMark state={state} />
      </span>
      {note?.known === true && <span class="pill">Known</span>}
      {muted !== null && Date.parse(muted) > Date.now() && (
        <span class="pill">
          Muted until <Moment at={muted} />
        </span>
      )}
      {note?.tags.map((tag) => (
        <a key={tag} class="pill" href={href(['network', network, 'hosts'], { tag })}>
          {tag}
        </a>
      ))}
    </p>
  );
}

function HostInNetwork({
  host,
  onSaved,
}: {
  readonly host: HostFacts;
  readonly onSaved: () => void;
}) {
  const { address, network, state, other_mac: other } = host;
  return (
    <>
      {other !== null && (
        <p class="remark doubt">
          <b>Address conflict.</b> {other} answers for this address as well as{' '}
          {host.mac ?? 'another device'}: give one of the two devices another address.
        </p>
      )}
      <div class="host-grid">
        <div class="host-main">
          {state === 'silent' ? (
            <Empty title="No host has answered here yet">
              <p>Its availability and round-trip times begin with its first reply.</p>
            </Empty>
          ) : (
            <>
              <Days host={host} />
              <Smoke host={host} />
            </>
          )}
          <section aria-labelledby="host-changes">
            <h2 id="host-changes">What changed</h2>
            <ChangeFeed network={network} address={address} />
          </section>
        </div>
        <aside class="host-side">
          <HostFactsSection host={host} />
          <NoteSection host={host} onSaved={onSaved} />
        </aside>
      </div>
    </>
  );
}

function Days({ host: { network, address } }: { readonly host: HostFacts }) {
  const [days, setDays] = useState('90');
  const { data, failure } = useAnswer<Page<Span>>(
    apiPath(['networks', network, 'hosts', address, 'days'], {
      since: daysAgo(Number(days)).slice(0, 10),
    }),
    versionOf(network),
    `${network} ${address}`,
  );
  return (
    <section class="card" aria-labelledby="days-title">
      <div class="section-line">
        <h2 id="days-title">Availability</h2>
        <SpanChoice
          spans={[
            ['30', '30 days'],
            ['90', '90 days'],
            ['365', 'A year'],
          ]}
          chosen={days}
          onChoose={setDays}
        />
      </div>
      {failure !== undefined && <Failure failure={failure} />}
      {data === undefined && failure === undefined && <Pending height={64} />}
      {data !== undefined && <Availability days={data.items} count={Number(days)} />}
    </section>
  );
}

const SMOKE_SPANS = [
  ['2', '2 days'],
  ['14', '2 weeks'],
  ['90', '90 days'],
  ['365', 'A year'],
] as const;
/** Longer spans are shown by day. */
const MOST_DAYS_BY_HOUR = 14;

function Smoke({ host: { network, address } }: { readonly host: HostFacts }) {
  const [days, setDays] = useState<string>('14');
  const isByHour = Number(days) <= MOST_DAYS_BY_HOUR;
  const { data, failure } = useAnswer<Page<Span>>(
    apiPath(['networks', network, 'hosts', address, isByHour ? 'hours' : 'days'], {
      since: `${daysAgo(Number(days)).slice(0, 13)}:00:00.000Z`,
      limit: 1000,
    }),
    versionOf(network),
    `${network} ${address} ${days}`,
  );
  const isMeasured = data?.items.some(({ rtt_median_ms: ms }) => ms !== null) === true;
  return (
    <section class="card smoke" aria-labelledby="smoke-title">
      <div class="section-line">
        <h2 id="smoke-title">Round-trip time</h2>
        <SpanChoice spans={SMOKE_SPANS} chosen={days} onChoose={setDays} />
      </div>
      {failure !== undefined && <Failure failure={failure} />}
      {data === undefined && failure === undefined && <Pending height={260} />}
      {data !== undefined && !isMeasured && (
        <Empty title="No reply in this time">
          <p>Choose a longer time.</p>
        </Empty>
      )}
      {isMeasured && (
        <DrawnFigure
          basis={data}
          drawing={{ of: 'spread', spans: data.items, unit: isByHour ? 'hour' : 'day' }}
        />
      )}
    </section>
  );
}
