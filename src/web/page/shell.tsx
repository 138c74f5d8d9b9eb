/** What is around every view: the way to all others, the search, the theme. */

import { useEffect, useRef } from 'preact/hooks';
import { startTheme } from '../../report/html/page/theme.ts';
import type { Change, Page } from './answers.ts';
import { apiPath } from './api.ts';
import { zone } from './clock.ts';
import { draftHosts } from './drafts.ts';
import { isLive, version } from './live.ts';
import { notice } from './notice.ts';
import { hostHref } from './parts.tsx';
import { go, href, route } from './route.ts';
import { isSignedIn, session } from './session.ts';
import { useAnswer } from './use-answer.ts';
import { countText } from './words.ts';

const NOTICE_MS = 6000;
const MOST_COUNTED = 999;

export function TopBar() {
  const { path } = route.value;
  const here = path[0] ?? '';
  const current = (isHere: boolean) => (isHere ? 'page' : undefined);
  return (
    <header class="top">
      <button type="button" class="skip" onClick={skipToView}>
        Skip to content
      </button>
      <a class="brand" href={href([])} aria-label="echosweep, all networks">
        <Sign />
        <span>echosweep</span>
      </a>
      {isSignedIn.value && (
        <>
          <nav class="main-nav" aria-label="Main">
            <a href={href([])} aria-current={current(['', 'network', 'host'].includes(here))}>
              Networks
            </a>
            <a href={href(['changes'])} aria-current={current(here === 'changes')}>
              Changes
              <UnreadCount />
            </a>
            <a href={href(['settings'])} aria-current={current(here === 'settings')}>
              Settings
            </a>
          </nav>
          <SearchBox />
        </>
      )}
      <ThemeButton />
    </header>
  );
}

function skipToView(): void {
  document.getElementById('view')?.focus();
}

/** An echo: three arcs around a point. */
function Sign() {
  return (
    <svg class="sign" viewBox="0 0 24 24" aria-hidden="true">
      <circle cx="5" cy="19" r="2.6" />
      <path d="M5 11.5A7.5 7.5 0 0 1 12.5 19M5 5A14 14 0 0 1 19 19" />
    </svg>
  );
}

function UnreadCount() {
  const { data } = useAnswer<Page<Change>>(
    apiPath(['changes'], { unread: true, limit: 1 }),
    version.value,
    'unread',
  );
  if (data === undefined || data.total === 0) return null;
  const count = data.total > MOST_COUNTED ? `${MOST_COUNTED}+` : countText(data.total);
  return (
    <span class="badge">
      {count}
      <span class="hidden"> unread</span>
    </span>
  );
}

function SearchBox() {
  const field = useRef<HTMLInputElement>(null);
  const { path, query } = route.value;
  const text = path[0] === 'search' ? (query.get('q') ?? '') : '';
  useEffect(() => {
    const focus = (event: KeyboardEvent): void => {
      const { tagName } = event.target as HTMLElement;
      if (event.key !== '/' || /^(INPUT|TEXTAREA|SELECT)$/.test(tagName)) return;
      event.preventDefault();
      field.current?.focus();
    };
    addEventListener('keydown', focus);
    return () => removeEventListener('keydown', focus);
  }, []);
  return (
    <search class="search">
      <form
        onSubmit={(event) => {
          event.preventDefault();
          const q = field.current!.value.trim();
          if (q !== '') go(href(['search'], { q }));
        }}
      >
        <input
          ref={field}
          type="search"
          value={text}
          placeholder="Search hosts"
          aria-label="Search all networks"
          title="An address, a name, a MAC address, a maker, free in office, unseen 90d"
          autocomplete="off"
          spellcheck={false}
        />
        <span class="key-hint" aria-hidden="true">
          /
        </span>
      </form>
    </search>
  );
}

const THEME = {
  read: () => storage()?.getItem('theme') ?? null,
  write: (theme: string) => storage()?.setItem('theme', theme),
};

/** A browser may be set to refuse it. */
function storage(): Storage | undefined {
  try {
    return localStorage;
  } catch {
    return undefined;
  }
}

function ThemeButton() {
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => startTheme(button.current!, THEME), []);
  return <button type="button" id="theme" ref={button} hidden />;
}

export function Foot() {
  return (
    <footer>
      <span>Times are in {zone()}</span>
      {isSignedIn.value && !isLive.value && (
        <span class="flag">Not connected: what you see may be old</span>
      )}
      {isSignedIn.value && <Unsaved />}
      {session.value?.version != null && <span>echosweep {session.value.version}</span>}
    </footer>
  );
}

function Unsaved() {
  const hosts = draftHosts();
  if (hosts.length === 0) return null;
  return (
    <span>
      Notes not saved:{' '}
      {hosts.map(({ network, address }, i) => (
        <span key={`${network} ${address}`}>
          {i > 0 && ', '}
          <a href={hostHref(address, network)}>{address}</a>
        </span>
      ))}
    </span>
  );
}

/** The last thing that the page had to say. */
export function Notice() {
  const words = notice.value;
  useEffect(() => {
    if (words === '') return;
    const timer = setTimeout(() => {
      notice.value = '';
    }, NOTICE_MS);
    return () => clearTimeout(timer);
  }, [words]);
  return (
    <div class={words === '' ? 'toast empty-toast' : 'toast'} role="status">
      {words}
    </div>
  );
}
