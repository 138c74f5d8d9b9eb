/** The web interface in the browser: signs the reader in and shows the view that the URL names. */

import { render } from 'preact';
import { useEffect, useLayoutEffect, useRef, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { ChangesView } from './changes-view.tsx';
import { startClock } from './clock.ts';
import { draftHosts } from './drafts.ts';
import { HomeView } from './home-view.tsx';
import { HostView } from './host-view.tsx';
import { startKeeping } from './kept-places.ts';
import { startLive } from './live.ts';
import { NetworkView } from './network-view.tsx';
import { scrollToKept, startScrollKeeping } from './page-scroll.ts';
import { Failure } from './parts.tsx';
import { type Route, route, startRoute } from './route.ts';
import { SearchView } from './search-view.tsx';
import { isSignedIn, reader, session } from './session.ts';
import { SettingsView } from './settings-view.tsx';
import { Foot, Notice, TopBar } from './shell.tsx';
import { readSession } from './sign-in.ts';
import { returnFromProvider, SignInView, tokenOfLink } from './sign-in-view.tsx';

function View({ path, query }: Route) {
  const [view = '', first = '', second = ''] = path;
  switch (view) {
    case 'network':
      return <NetworkView name={first} tab={second} />;
    case 'host':
      return <HostView address={first} network={query.get('network') ?? undefined} />;
    case 'changes':
      return <ChangesView />;
    case 'search':
      return <SearchView text={query.get('q') ?? ''} />;
    case 'settings':
      return <SettingsView tab={first} />;
    default:
      return <HomeView />;
  }
}

function titleOf([view = '', first = '']: readonly string[]): string {
  const isNamed = view === 'network' || view === 'host';
  const title = isNamed ? first : view === '' ? 'Networks' : view;
  return `${title.charAt(0).toUpperCase()}${title.slice(1)} · echosweep`;
}

function Page({ token }: { readonly token: string | undefined }) {
  const [failure, setFailure] = useState<ApiError>();
  const main = useRef<HTMLElement>(null);
  const isIn = isSignedIn.value;
  const { path } = route.value;
  const place = path.slice(0, 2).join('/');
  useLayoutEffect(() => {
    readSession().catch((error: unknown) => {
      if (error instanceof ApiError) setFailure(error);
    });
    return startClock();
  }, []);
  useLayoutEffect(startScrollKeeping, []);
  useEffect(() => (isIn ? startLive() : undefined), [isIn]);
  const mayLose = isIn && draftHosts().length > 0;
  useEffect(() => {
    if (!mayLose) return;
    // A reload would keep the drafts, but the browser does not say what it is about to do.
    const warn = (event: Event): void => event.preventDefault();
    addEventListener('beforeunload', warn);
    return () => removeEventListener('beforeunload', warn);
  }, [mayLose]);
  const isFirst = useRef(true);
  // Together with the view: a key pressed right after it appears belongs to it.
  useLayoutEffect(() => {
    document.title = titleOf(isIn ? path : ['sign in']);
    // A link inside the page leads to another view: readers begin at its heading.
    scrollToKept();
    if (!isFirst.current) {
      main.current?.querySelector('h1')?.focus({ preventScroll: true });
    }
    isFirst.current = false;
  }, [place, isIn]);
  return (
    <>
      <TopBar />
      <main id="view" tabIndex={-1} ref={main}>
        {failure !== undefined && <Failure failure={failure} />}
        {session.value !== undefined &&
          (isIn ? <View key={reader.value} {...route.value} /> : <SignInView token={token} />)}
      </main>
      <Foot />
      <Notice />
    </>
  );
}

const token = tokenOfLink();
returnFromProvider();
startRoute();
startKeeping();
render(<Page token={token} />, document.body);
document.documentElement.dataset['ready'] = 'true';
