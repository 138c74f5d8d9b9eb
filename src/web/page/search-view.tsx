/** What a search over all networks finds. */

import type { Found, Host } from './answers.ts';
import { apiPath } from './api.ts';
import { Ago, Empty, Failure, hostHref, nameOf, Pending, StateMark } from './parts.tsx';
import { useAnswer } from './use-answer.ts';
import { countText, plural } from './words.ts';

const KIND_WORDS: Readonly<Record<Found['kind'], string>> = {
  address: 'by address',
  name: 'by name',
  mac: 'by MAC address',
  vendor: 'by maker',
  free: 'free addresses',
  unseen: 'not seen in that time',
};

export function SearchView({ text }: { readonly text: string }) {
  const { data, failure } = useAnswer<Found>(
    text === '' ? undefined : apiPath(['search'], { q: text }),
  );
  return (
    <>
      <div class="title-line">
        <h1 tabIndex={-1}>Search{text === '' ? '' : `: ${text}`}</h1>
        {data !== undefined && data.items.length > 0 && (
          <p class="muted">
            {plural(data.total, 'result')}, {KIND_WORDS[data.kind]}
          </p>
        )}
      </div>
      {failure !== undefined && <Failure failure={failure} />}
      {text !== '' && data === undefined && failure === undefined && <Pending height={240} />}
      {(text === '' || data?.items.length === 0) && (
        <Empty title={text === '' ? 'What are you looking for?' : 'Nothing found'}>
          <ul class="hints">
            <li>
              <code>10.20.30.7</code> an address
            </li>
            <li>
              <code>printer</code> part of a name
            </li>
            <li>
              <code>3c22fb</code> or <code>3C-22-FB-00-00-2D</code> a MAC address in any writing
            </li>
            <li>
              <code>cisco</code> a maker
            </li>
            <li>
              <code>free in office</code> free addresses of a network
            </li>
            <li>
              <code>unseen 90d</code> hosts not seen for 90 days
            </li>
          </ul>
        </Empty>
      )}
      {data !== undefined && data.items.length > 0 && (
        <ul class="results card">
          {data.items.map((host) => (
            <Result key={`${host.network} ${host.address}`} host={host} />
          ))}
        </ul>
      )}
      {data !== undefined && data.items.length < data.total && (
        <p class="muted more">The first {countText(data.items.length)} are shown.</p>
      )}
    </>
  );
}

function Result({ host }: { readonly host: Host }) {
  return (
    <li class="result">
      <a class="host-link" href={hostHref(host.address, host.network)}>
        {host.address}
      </a>
      <span class="clip">{nameOf(host)}</span>
      <StateMark state={host.state} />
      <span class="muted clip">
        {[host.mac, host.vendor].filter((value) => value !== null).join(' · ')}
      </span>
      <span class="muted">{host.network}</span>
      <span class="muted">{host.last_seen !== null && <Ago at={host.last_seen} />}</span>
    </li>
  );
}
