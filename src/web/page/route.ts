/** Where the reader is: a path and filters in the fragment of the URL, so that every view can be bookmarked. */

import { computed, signal } from '@preact/signals';

export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
  /** Of the browser's history: the same one again when the reader comes back to it. */
  readonly step: string;
}

type Query = Readonly<Record<string, string | undefined>>;

const here = signal({ hash: location.hash, step: '' });

export const route = computed<Route>(() => {
  const { hash, step } = here.value;
  const [path = '', query = ''] = hash.replace(/^#\/?/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  return { path: parts.map(decoded), query: new URLSearchParams(query), step };
});

/** `#/network/office?state=gone`; empty values are left out. */
export function href(path: readonly string[], query: Query = {}): string {
  const given = Object.entries(query).filter(
    (entry): entry is [string, string] => entry[1] !== undefined && entry[1] !== '',
  );
  const text = `#/${path.map(encodeURIComponent).join('/')}`;
  return given.length === 0 ? text : `${text}?${new URLSearchParams(given)}`;
}

/** @param to of `href` */
export function go(to: string): void {
  location.hash = to;
}

/** Changes filters of the present view, without a further step for the back button. */
export function refine(changes: Query): void {
  const { path, query, step } = route.peek();
  const to = href(path, { ...Object.fromEntries(query), ...changes });
  history.replaceState(history.state, '', to);
  here.value = { hash: to, step };
}

/** Follows links and the buttons of the browser. */
export function startRoute(): void {
  addEventListener('hashchange', follow);
  // Alone if a link leads to where the reader is: the step stays, but the browser forgets its state.
  addEventListener('popstate', follow);
  follow();
}

let steps = 0;

function follow(): void {
  const { hash } = location;
  const last = here.peek();
  const state = history.state as { readonly step?: string } | null;
  // Steps of an earlier load of the page have other names.
  const fresh = last.step !== '' && last.hash === hash ? last.step : `${Date.now()} ${steps++}`;
  const step = state?.step ?? fresh;
  if (state?.step === undefined) history.replaceState({ step }, '');
  if (step !== last.step || hash !== last.hash) here.value = { hash, step };
}

/** Anyone can write a fragment that is not escaped properly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
