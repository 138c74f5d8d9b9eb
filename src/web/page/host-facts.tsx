/** What is known about a host: its facts, what documents it, what it had before, and its conflicts. */

import type { ComponentChildren } from 'preact';
import type { HostFacts } from './answers.ts';
import { running } from './live.ts';
import { Ago, hostHref, Moment } from './parts.tsx';
import { href } from './route.ts';
import { rttText } from './words.ts';

export function HostFactsSection({ host }: { readonly host: HostFacts }) {
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
      <Fields host={host} />
      <Had title="Names" values={host.names} />
      <Had title="MAC addresses" values={host.macs} />
      <Had
        title="Other addresses of its MAC address"
        values={host.addresses}
        to={(value) => hostHref(value, host.network)}
      />
      <Conflicts host={host} />
    </section>
  );
}

/** What the documentation says of it. */
function Fields({ host: { fields } }: { readonly host: HostFacts }) {
  const given = Object.entries(fields).filter(([, value]) => value !== '');
  if (given.length === 0) return null;
  return (
    <>
      <h3>Documented</h3>
      <dl class="facts">
        {given.map(([name, value]) => (
          <Fact key={name} label={name}>
            {name === 'tags' ? value.replaceAll(',', ', ') : value}
          </Fact>
        ))}
      </dl>
    </>
  );
}

/** Pairs of devices that have answered for its address. */
function Conflicts({ host: { conflicts } }: { readonly host: HostFacts }) {
  if (conflicts.length === 0) return null;
  return (
    <>
      <h3>Conflicts</h3>
      <ul class="had">
        {conflicts.map(({ macs: [first, second], at }) => (
          <li key={`${at} ${second}`}>
            <span>
              {first} and {second}
            </span>
            <span class="muted">
              <Ago at={at} />
            </span>
          </li>
        ))}
      </ul>
    </>
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
