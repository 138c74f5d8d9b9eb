/** One host: how it is, how it was, what people know about it. */

import type { ComponentChildren } from 'preact';
import { useState } from 'preact/hooks';
import type { HostFacts, Page, Span } from './answers.ts';
import { apiPath } from './api.ts';
import { Availability } from './availability.tsx';
import { ChangeFeed } from './changes-view.tsx';
import { daysAgo } from './clock.ts';
import { running, versionOf } from './live.ts';
import { NoteSection } from './note-form.tsx';
import {
  Ago,
  DrawnFigure,
  Empty,
  Failure,
  hostHref,
  Moment,
  nameOf,
  Pending,
  SpanChoice,
  StateMark,
} from './parts.tsx';
import { href } from './route.ts';
import { smokeFigure } from './smoke-figure.ts';
import { useAnswer } from './use-answer.ts';
import { rttText } from './words.ts';

interface HostViewProps {
  readonly address: string;
  readonly network: string | undefined;
}

export function HostView({ address, network }: HostViewProps) {
  const [saved, setSaved] = useState(0);
  const version = network === undefined ? 0 : versionOf(network);
  const { data, failure } = useAnswer<{ readonly items: readonly HostFacts[] }>(
    apiPath(['hosts', address], { network }),
    `${version} ${saved}`,
    `${address} ${network}`,
  );
  const isUnknown = failure?.status === 404 || data?.items.length === 0;
  return (
    <>
      <p class="trail">
        <a href={href([])}>Networks</a>
        {network !== undefined && <a href={href(['network', network])}>{network}</a>}
      </p>
      {failure !== undefined && !isUnknown && <Failure failure={failure} />}
      {isUnknown && (
        <>
          <h1 tabIndex={-1}>{address}</h1>
          <Empty title="No scan has seen this address">
            <p>It is not among the targets of a network, or its first scan is still to come.</p>
          </Empty>
        </>
      )}
      {data === undefined && failure === undefined && (
        <>
          <h1 tabIndex={-1}>{address}</h1>
          <Pending height={480} />
        </>
      )}
      {!isUnknown &&
        data?.items.map((host) => (
          <HostInNetwork
            key={host.network}
            host={host}
            onSaved={() => setSaved((times) => times + 1)}
          />
        ))}
    </>
  );
}

function HostInNetwork({
  host,
  onSaved,
}: {
  readonly host: HostFacts;
  readonly onSaved: () => void;
}) {
  const { address, network, state, note, other_mac: other } = host;
  const name = nameOf(host);
  const muted = note?.muted_until ?? null;
  return (
    <article>
      <div class="title-line host-title">
        <h1 tabIndex={-1}>
          {address}
          {name !== '' && <span class="host-name">{name}</span>}
        </h1>
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
      </div>
      {other !== null && (
        <p class="remark doubt">
          <b>Address conflict.</b> {other} answers for this address as well as{' '}
          {host.mac ?? 'another device'}: give one of the two devices another address.
        </p>
      )}
      <div class="host-grid">
        <div class="host-main">
          <Days host={host} />
          <Smoke host={host} />
          <section aria-labelledby="host-changes">
            <h2 id="host-changes">What changed</h2>
            <ChangeFeed network={network} address={address} />
          </section>
        </div>
        <aside class="host-side">
          <Facts host={host} />
          <NoteSection host={host} onSaved={onSaved} />
        </aside>
      </div>
    </article>
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
    <section class="smoke" aria-labelledby="smoke-title">
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
        <DrawnFigure basis={data} make={() => smokeFigure(data.items, isByHour ? 'hour' : 'day')} />
      )}
    </section>
  );
}

function Facts({ host }: { readonly host: HostFacts }) {
  const { mac, vendor, hostname, reason, rtt_ms: rtt, first_seen: first, last_seen: last } = host;
  const progress = running.value[host.network];
  return (
    <section class="card" aria-labelledby="facts-title">
      <h2 id="facts-title">Facts</h2>
      <dl class="facts">
        <dt>Network</dt>
        <dd>
          <a href={href(['network', host.network])}>{host.network}</a>
          {progress !== undefined && <span class="muted"> · being scanned</span>}
        </dd>
        {hostname !== null && <Fact label="DNS name">{hostname}</Fact>}
        {mac !== null && <Fact label="MAC address">{mac}</Fact>}
        {vendor !== null && <Fact label="Maker">{vendor}</Fact>}
        {rtt !== null && <Fact label="Usual RTT">{rttText(rtt)}</Fact>}
        {reason !== null && <Fact label="Reason">{reason}</Fact>}
        {host.known !== null && <Fact label="Documentation">{host.known}</Fact>}
        {first !== null && (
          <Fact label="First seen">
            <Moment at={first} />
          </Fact>
        )}
        {last !== null && (
          <Fact label="Last seen">
            <Ago at={last} />
          </Fact>
        )}
      </dl>
      <Had title="Names" values={host.names} />
      <Had title="MAC addresses" values={host.macs} />
      <Had
        title="Other addresses of its MAC address"
        values={host.addresses}
        to={(value) => hostHref(value, host.network)}
      />
    </section>
  );
}

function Fact({
  label,
  children,
}: {
  readonly label: string;
  readonly children: ComponentChildren;
}) {
  return (
    <>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </>
  );
}

interface HadProps {
  readonly title: string;
  readonly values: HostFacts['names'];
  readonly to?: (value: string) => string;
}

/** What it had before; nothing if that is only what it has. */
function Had({ title, values, to }: HadProps) {
  if (values.length === 0 || (values.length === 1 && to === undefined)) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="had">
        {values.map(({ value, last_seen: last }) => (
          <li key={value}>
            {to === undefined ? <span>{value}</span> : <a href={to(value)}>{value}</a>}
            {last !== null && (
              <span class="muted">
                <Ago at={last} />
              </span>
            )}
          </li>
        ))}
      </ul>
    </>
  );
}
