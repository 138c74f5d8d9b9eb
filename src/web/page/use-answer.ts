/** An answer of the API as a view needs it: kept while it is fetched again. */

import { useLayoutEffect, useState } from 'preact/hooks';
import { ApiError, get } from './api.ts';

export interface Answer<T> {
  /** Of the latest request that succeeded for the same subject. */
  readonly data: T | undefined;
  readonly failure: ApiError | undefined;
}

interface Kept<T> extends Answer<T> {
  readonly subject: string;
}

/**
 * @param path of `apiPath`; undefined to fetch nothing yet
 * @param version fetches again if it changes
 * @param subject an earlier answer is shown until the next arrives, unless it was about another subject
 */
export function useAnswer<T>(
  path: string | undefined,
  version: number | string = 0,
  subject = path ?? '',
): Answer<T> {
  const [kept, setKept] = useState<Kept<T>>({ subject, data: undefined, failure: undefined });
  // Other effects wait until the page has been painted, and the request with them.
  useLayoutEffect(() => {
    if (path === undefined) return;
    const abort = new AbortController();
    get<T>(path, abort.signal).then(
      (data) => setKept({ subject, data, failure: undefined }),
      (error: unknown) => {
        if (abort.signal.aborted || !(error instanceof ApiError)) return;
        setKept((last) => ({
          subject,
          data: last.subject === subject ? last.data : undefined,
          failure: error,
        }));
      },
    );
    return () => abort.abort();
  }, [path, version, subject]);
  return kept.subject === subject ? kept : { data: undefined, failure: undefined };
}
