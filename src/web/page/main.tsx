/** The web interface in the browser: signs in, and lists the networks. */

import { signal } from '@preact/signals';
import { render } from 'preact';
import { ApiFailure, request } from './api.ts';

interface Network {
  readonly name: string;
  readonly hosts: {
    readonly present: number;
    readonly missing: number;
    readonly gone: number;
    readonly free: number | null;
  };
  readonly last_scan: { readonly started_at: string } | null;
}

const networks = signal<readonly Network[] | undefined>(undefined);
const problem = signal('');

function Networks() {
  if (problem.value !== '') return <p role="alert">{problem.value}</p>;
  if (networks.value === undefined) return <p>Loading …</p>;
  return (
    <table>
      <thead>
        <tr>
          <th>Network</th>
          <th class="figure">Up</th>
          <th class="figure">Missing</th>
          <th class="figure">Gone</th>
          <th class="figure">Free</th>
          <th>Last scan</th>
        </tr>
      </thead>
      <tbody>
        {networks.value.map(({ name, hosts, last_scan }) => (
          <tr key={name}>
            <td>{name}</td>
            <td class="figure">{hosts.present}</td>
            <td class="figure">{hosts.missing}</td>
            <td class="figure">{hosts.gone}</td>
            <td class="figure">{hosts.free ?? '-'}</td>
            <td>
              {last_scan === null ? 'never' : new Date(last_scan.started_at).toLocaleString()}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

async function start(): Promise<void> {
  const link = /^#link=([\w-]+)$/.exec(location.hash)?.[1];
  try {
    if (link !== undefined) {
      // A used link is of no use in the history.
      history.replaceState(null, '', location.pathname + location.search);
      await request('POST', '/session', { link });
    }
    networks.value = (await request<{ items: Network[] }>('GET', '/networks')).items;
  } catch (error) {
    problem.value =
      error instanceof ApiFailure ? `${error.message}: ${error.advice}` : 'The server is away.';
  }
}

render(
  <main>
    <h1>Networks</h1>
    <Networks />
  </main>,
  document.getElementById('page')!,
);
void start();
