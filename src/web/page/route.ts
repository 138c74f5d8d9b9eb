/** Where the reader is: a path and filters in the fragment of the URL, so that every view can be bookmarked. */

import { computed, signal } from '@preact/signals';

export interface Route {
  readonly path: readonly string[];
  readonly query: URLSearchParams;
}

type Query = Readonly<Record<string, string | undefined>>;

const hash = signal(location.hash);

export const route = computed<Route>(() => {
  const [path = '', query = ''] = hash.value.replace(/^#\/?/, '').split('?', 2);
  const parts = path.split('/').filter((part) => part !== '');
  return { path: parts.map(decoded), query: new URLSearchParams(query) };
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
  const { path, query } = route.peek();
  const to = href(path, { ...Object.fromEntries(query), ...changes });
  history.replaceState(null, '', to);
  hash.value = to;
}

/** Follows links and the buttons of the browser. */
export function startRoute(): void {
  addEventListener('hashchange', () => {
    hash.value = location.hash;
  });
}

/** Anyone can write a fragment that is not escaped properly. */
function decoded(part: string): string {
  try {
    return decodeURIComponent(part);
  } catch {
    return part;
  }
}
