/** Sign-in: with the link that the server printed, a password, a proxy, or OpenID Connect. */

import { useEffect, useState } from 'preact/hooks';
import { ApiError } from './api.ts';
import { draftHosts } from './drafts.ts';
import { Failure } from './parts.tsx';
import { session } from './session.ts';
import { enter, readSession } from './sign-in.ts';
import { readTab, writeTab } from './tab-storage.ts';

/** The link's token is in the fragment, so no server or proxy on the way sees it. */
const LINK = /#link=([^&]+)/;

/** Takes the token out of the URL, and so out of the history. */
export function tokenOfLink(): string | undefined {
  const token = LINK.exec(location.hash)?.[1];
  if (token !== undefined) history.replaceState(null, '', '#/');
  return token;
}

const PLACE = 'place';

/** A provider sends the reader back without the fragment. */
export function returnFromProvider(): void {
  const place = readTab(PLACE);
  writeTab(PLACE, undefined);
  if (place !== null && location.hash === '') history.replaceState(null, '', place);
}

export function SignInView({ token }: { readonly token: string | undefined }) {
  const [failure, setFailure] = useState<ApiError>();
  const ways = session.value?.ways ?? [];
  const attempt = async (credentials: Parameters<typeof enter>[0]): Promise<void> => {
    try {
      await enter(credentials);
    } catch (error) {
      if (error instanceof ApiError) setFailure(error);
    }
  };
  useEffect(() => {
    if (token !== undefined) void attempt({ link: token });
  }, [token]);
  useEffect(() => {
    // Another tab may have opened the link.
    const look = (): void => void readSession().catch(() => {});
    addEventListener('focus', look);
    return () => removeEventListener('focus', look);
  }, []);
  const submitPassword = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    void attempt({ user: String(form.get('user')), password: String(form.get('password')) });
  };
  const submitLink = (event: SubmitEvent): void => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = String(form.get('link')).trim();
    void attempt({ link: LINK.exec(text)?.[1] ?? text });
  };
  return (
    <div class="sign-in card">
      <h1 tabIndex={-1}>Sign in</h1>
      {failure !== undefined && <Failure failure={failure} />}
      {draftHosts().length > 0 && (
        <p class="remark">
          A note that is not saved waits for the person who wrote it. If another person signs in
          here, it is deleted.
        </p>
      )}
      {ways.includes('password') && (
        <form class="form" onSubmit={submitPassword}>
          <label>
            User
            <input name="user" required autocomplete="username" autocapitalize="off" />
          </label>
          <label>
            Password
            <input name="password" type="password" required autocomplete="current-password" />
          </label>
          <button type="submit" class="primary">
            Sign in
          </button>
        </form>
      )}
      {ways.includes('oidc') && (
        <p>
          <a class="button" href="sign-in/oidc" onClick={() => writeTab(PLACE, location.hash)}>
            Sign in with your organization
          </a>
        </p>
      )}
      {ways.includes('link') && (
        <form class="form" onSubmit={submitLink}>
          <p class="muted">
            <code>echosweep inventory serve</code> prints a link that works once. Open it, or paste
            it here.
          </p>
          <label>
            Link
            <input name="link" required autocomplete="off" spellcheck={false} />
          </label>
          <button type="submit" class={ways.includes('password') ? '' : 'primary'}>
            Sign in with the link
          </button>
        </form>
      )}
      {ways.length === 1 && ways[0] === 'proxy' && (
        <p class="muted">Sign in at the proxy in front of this server, then load the page again.</p>
      )}
    </div>
  );
}
