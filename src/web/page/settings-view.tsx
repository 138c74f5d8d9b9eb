/** Settings: tokens for programs, and what people have changed. */

import { useRef, useState } from 'preact/hooks';
import type { AuditLine, Page, Token } from './answers.ts';
import { ApiError, apiPath, send } from './api.ts';
import { notice } from './notice.ts';
import { Ago, Empty, Failure, Moment, Pending } from './parts.tsx';
import { href } from './route.ts';
import { mayEdit, session } from './session.ts';
import { leave } from './sign-in.ts';
import { useAnswer } from './use-answer.ts';
import { countText } from './words.ts';

export function SettingsView({ tab }: { readonly tab: string }) {
  const isAudit = tab === 'audit';
  return (
    <>
      <div class="title-line">
        <h1 tabIndex={-1}>Settings</h1>
        <p class="muted">
          {session.value?.user} · {session.value?.role === 'edit' ? 'may edit' : 'may view'}{' '}
          <button type="button" class="quiet" onClick={() => void signOut()}>
            Sign out
          </button>
        </p>
      </div>
      <nav class="tabs" aria-label="Settings">
        <a href={href(['settings'])} aria-current={isAudit ? undefined : 'page'}>
          API tokens
        </a>
        <a href={href(['settings', 'audit'])} aria-current={isAudit ? 'page' : undefined}>
          Audit
        </a>
      </nav>
      {!mayEdit.value ? (
        <Empty title="Your role is to view">
          <p>Tokens and the audit take the role edit.</p>
        </Empty>
      ) : isAudit ? (
        <Audit />
      ) : (
        <Tokens />
      )}
    </>
  );
}

async function signOut(): Promise<void> {
  try {
    await leave();
  } catch (error) {
    if (error instanceof ApiError) notice.value = `${error.message}: ${error.advice}`;
  }
}

function Tokens() {
  const [version, setVersion] = useState(0);
  const [secret, setSecret] = useState<string>();
  const [failure, setFailure] = useState<ApiError>();
  const tokens = useAnswer<Page<Token>>(apiPath(['tokens']), version, 'tokens');
  const act = async (work: () => Promise<void>): Promise<void> => {
    try {
      await work();
      setFailure(undefined);
      setVersion((last) => last + 1);
    } catch (error) {
      if (error instanceof ApiError) setFailure(error);
    }
  };
  const isCreating = useRef(false);
  const create = (event: SubmitEvent): void => {
    event.preventDefault();
    // The secret of a second token would take the place of the first one's.
    if (isCreating.current) return;
    isCreating.current = true;
    const form = event.currentTarget as HTMLFormElement;
    const fields = new FormData(form);
    const days = Number(fields.get('days'));
    const body = {
      name: String(fields.get('name')),
      role: String(fields.get('role')),
      ...(days === 0 ? {} : { expires_days: days }),
    };
    void act(async () => {
      const { token } = await send<{ token: string }>('POST', apiPath(['tokens']), body);
      setSecret(token);
      form.reset();
    }).finally(() => {
      isCreating.current = false;
    });
  };
  const revoke = ({ id, name }: Token): void => {
    void act(async () => {
      await send('DELETE', apiPath(['tokens', id]));
      notice.value = `Revoked the token ${name}`;
    });
  };
  return (
    <section aria-labelledby="tokens-title">
      <h2 id="tokens-title" class="hidden">
        API tokens
      </h2>
      <p class="muted intro">
        Programs send a token as <code>Authorization: Bearer …</code> to <code>api/v1</code>, which{' '}
        <a href="api/v1/openapi.json">OpenAPI describes</a>.
      </p>
      <form class="inline-form" onSubmit={create}>
        <label>
          Name
          <input name="name" required maxLength={100} placeholder="wallboard" autocomplete="off" />
        </label>
        <label>
          Role
          <select name="role">
            <option value="view">view</option>
            <option value="edit">edit</option>
          </select>
        </label>
        <label>
          Ends
          <select name="days">
            <option value="0">never</option>
            <option value="30">in 30 days</option>
            <option value="365">in a year</option>
          </select>
        </label>
        <button type="submit" class="primary">
          Create token
        </button>
      </form>
      {secret !== undefined && (
        <div class="remark secret" role="status">
          <p>This is the new token. It is shown only now; the server keeps a hash of it.</p>
          <code>{secret}</code>
        </div>
      )}
      {(failure ?? tokens.failure) !== undefined && (
        <Failure failure={(failure ?? tokens.failure)!} />
      )}
      {tokens.data === undefined && tokens.failure === undefined && <Pending height={120} />}
      {tokens.data?.items.length === 0 && (
        <Empty title="No token yet">
          <p>Create one for each program, so that each can be revoked alone.</p>
        </Empty>
      )}
      {tokens.data !== undefined && tokens.data.items.length > 0 && (
        <table class="plain card">
          <thead>
            <tr>
              <th scope="col">Name</th>
              <th scope="col">Role</th>
              <th scope="col">Created</th>
              <th scope="col">Ends</th>
              <th scope="col">Last used</th>
              <th scope="col">
                <span class="hidden">Revoke</span>
              </th>
            </tr>
          </thead>
          <tbody>
            {tokens.data.items.map((token) => (
              <tr key={token.id}>
                <th scope="row">{token.name}</th>
                <td data-label="Role">{token.role}</td>
                <td data-label="Created">
                  <Moment at={token.created_at} /> by {token.created_by}
                </td>
                <td data-label="Ends">
                  {token.expires_at === null ? 'never' : <Moment at={token.expires_at} />}
                </td>
                <td data-label="Last used">
                  {token.last_used_at === null ? 'never' : <Ago at={token.last_used_at} />}
                </td>
                <td class="actions">
                  <button
                    type="button"
                    class="quiet"
                    onClick={() => revoke(token)}
                    aria-label={`Revoke: ${token.name}`}
                  >
                    Revoke
                  </button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}

function Audit() {
  const { data, failure } = useAnswer<Page<AuditLine>>(apiPath(['audit'], { limit: 200 }));
  return (
    <section aria-labelledby="audit-title">
      <h2 id="audit-title" class="hidden">
        Audit
      </h2>
      <p class="muted intro">Every change that a person or a token has made, newest first.</p>
      {failure !== undefined && <Failure failure={failure} />}
      {data === undefined && failure === undefined && <Pending height={240} />}
      {data?.items.length === 0 && <Empty title="No change yet" />}
      {data !== undefined && data.items.length < data.total && (
        <p class="muted intro">
          The latest {countText(data.items.length)} of {countText(data.total)} are shown; the API
          has all.
        </p>
      )}
      {data !== undefined && data.items.length > 0 && (
        <table class="plain audit card">
          <thead>
            <tr>
              <th scope="col">When</th>
              <th scope="col">Person</th>
              <th scope="col">From</th>
              <th scope="col">Request</th>
              <th scope="col">Content</th>
            </tr>
          </thead>
          <tbody>
            {data.items.map((line) => (
              <tr key={line.id}>
                <th scope="row">
                  <Moment at={line.at} />
                </th>
                <td data-label="Person">{line.user}</td>
                <td data-label="From">{line.client}</td>
                <td data-label="Request">
                  <code>{line.action}</code>
                </td>
                <td data-label="Content">{line.subject !== null && <code>{line.subject}</code>}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </section>
  );
}
