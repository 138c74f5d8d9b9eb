/** The sites whose agents scan networks: when each was heard of, and what is wrong with its agents. */

import type { Page, Site } from './answers.ts';
import { apiPath } from './api.ts';
import { version } from './live.ts';
import { Ago } from './parts.tsx';
import { useAnswer } from './use-answer.ts';
import { plural } from './words.ts';

export function SiteList() {
  const { data } = useAnswer<Page<Site>>(apiPath(['sites'], {}), version.value);
  if (data === undefined || data.items.length === 0) return null;
  return (
    <section class="card sites" aria-labelledby="sites">
      <h2 id="sites">Sites</h2>
      <ul>
        {data.items.map((site) => (
          <li key={site.site}>
            <SiteLine site={site} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function SiteLine({ site: { site, state, heard_at: heardAt, agents } }: { readonly site: Site }) {
  const versions = [...new Set(agents.map((agent) => agent.version))];
  return (
    <>
      <b>{site}</b>{' '}
      {state === 'silent' && (
        <span class="flag">
          {heardAt === null ? (
            'never heard of'
          ) : (
            <>
              last heard of <Ago at={heardAt} />
            </>
          )}
        </span>
      )}
      {state === 'unknown' && <span class="muted">not heard of yet</span>}
      {agents.length > 0 && (
        <span class="muted">
          {' '}
          {plural(agents.length, 'agent')} · {versions.join(', ')}
        </span>
      )}
      {state === 'heard' &&
        agents.flatMap(({ agent, state: own, doubts }) =>
          own === 'silent' || doubts.length > 0
            ? [
                <span key={agent} class="flag" title={doubts.join('; ')}>
                  {agent}: {own === 'silent' ? 'silent' : doubts.join('; ')}
                </span>,
              ]
            : [],
        )}
    </>
  );
}
