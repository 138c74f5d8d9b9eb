/** What people know about a host: shown, and edited by those who may. */

import { useLayoutEffect, useRef, useState } from 'preact/hooks';
import { MS_A_MINUTE } from '../../durations.ts';
import type { HostFacts, HostNote } from './answers.ts';
import { ApiError, apiPath, send } from './api.ts';
import { type Draft, draftOf, keepDraft } from './drafts.ts';
import { notice } from './notice.ts';
import { Failure } from './parts.tsx';
import { mayEdit } from './session.ts';

/** Values of the note, from what is in the fields of its form. */
const READ: { readonly [Name in keyof HostNote]: (text: string) => HostNote[Name] } = {
  name: (text) => text || null,
  owner: (text) => text || null,
  note: (text) => text || null,
  tags: (text) => text.split(/[\s,]+/).filter((tag) => tag !== ''),
  muted_until: (text) => (text === '' ? null : new Date(text).toISOString()),
  gone_after: (text) => (text === '' ? null : Number(text)),
  known: (text) => text === 'on' || null,
};
const FIELDS = Object.keys(READ) as (keyof HostNote)[];

interface NoteProps {
  readonly host: HostFacts;
  readonly onSaved: () => void;
}

export function NoteSection({ host, onSaved }: NoteProps) {
  const [isEdited, setEdited] = useState(() => mayEdit.peek() && hasDraft(host));
  const button = useRef<HTMLButtonElement>(null);
  const wasEdited = useRef(false);
  useLayoutEffect(() => {
    // The form that had the focus is gone.
    if (wasEdited.current) button.current?.focus();
    wasEdited.current = isEdited;
  }, [isEdited]);
  const { note } = host;
  const isEmpty = note === null || (note.owner === null && note.note === null);
  return (
    <section class="card" aria-labelledby="note-title">
      <div class="section-line">
        <h2 id="note-title">Notes</h2>
        {mayEdit.value && !isEdited && (
          <button type="button" class="small" ref={button} onClick={() => setEdited(true)}>
            Edit
          </button>
        )}
      </div>
      {isEdited ? (
        <NoteForm host={host} onSaved={onSaved} onDone={() => setEdited(false)} />
      ) : isEmpty ? (
        <p class="muted">
          {mayEdit.value
            ? 'No notes yet: add an owner, tags or a name.'
            : 'No notes yet. Your role is to view.'}
        </p>
      ) : (
        <dl class="facts">
          {note.owner !== null && (
            <>
              <dt>Owner</dt>
              <dd>{note.owner}</dd>
            </>
          )}
          {note.note !== null && (
            <>
              <dt>Note</dt>
              <dd class="note-text">{note.note}</dd>
            </>
          )}
        </dl>
      )}
    </section>
  );
}

function NoteForm({
  host,
  onSaved,
  onDone,
}: {
  readonly host: HostFacts;
  readonly onSaved: () => void;
  readonly onDone: () => void;
}) {
  const { network, address, note } = host;
  const form = useRef<HTMLFormElement>(null);
  const [failure, setFailure] = useState<ApiError>();
  const [isOffered] = useState(() => hasDraft(host));
  const saved = savedOf(note);
  const shown = { ...saved, ...draftOf(host) };
  useLayoutEffect(() => {
    if (!isOffered) form.current!.querySelector('input')!.focus();
  }, []);
  /** Fields that the reader has changed; the rest may have been changed elsewhere since. */
  const typed = (): Draft => {
    const fields = new FormData(form.current!);
    const texts = FIELDS.map((name) => [name, String(fields.get(name) ?? '')] as const);
    return Object.fromEntries(texts.filter(([name, text]) => text !== saved[name]));
  };
  const discard = (): void => {
    keepDraft(host, {});
    onDone();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const sent = typed();
    const changed = FIELDS.flatMap((name) => {
      const text = sent[name]?.trim() ?? saved[name];
      return text === saved[name] ? [] : [[name, READ[name](text)]];
    });
    if (changed.length === 0) {
      discard();
      return;
    }
    const body: Partial<HostNote> = Object.fromEntries(changed);
    try {
      await send('PATCH', apiPath(['networks', network, 'hosts', address, 'note']), body);
      notice.value = `Saved what is known about ${address}`;
      // The reader may have typed on meanwhile, or left.
      const rest = Object.entries(draftOf(host) ?? {}).filter(
        ([name, text]) => text !== sent[name],
      );
      keepDraft(host, Object.fromEntries(rest));
      if (rest.length === 0) onDone();
      onSaved();
    } catch (error) {
      if (error instanceof ApiError) setFailure(error);
    }
  };
  return (
    <form
      class="form"
      ref={form}
      onInput={() => keepDraft(host, typed())}
      onSubmit={(event) => void submit(event)}
    >
      {isOffered && (
        <p class="remark" role="status">
          You wrote this before. It is not saved yet.
        </p>
      )}
      <label>
        Name
        <input name="name" defaultValue={shown.name} maxLength={200} autocomplete="off" />
      </label>
      <label>
        Owner
        <input name="owner" defaultValue={shown.owner} maxLength={200} autocomplete="off" />
      </label>
      <label>
        Note
        <textarea name="note" rows={3} maxLength={4000} defaultValue={shown.note} />
      </label>
      <label>
        Tags, spaces between
        <input name="tags" defaultValue={shown.tags} autocomplete="off" />
      </label>
      <label>
        No notifications until
        <input
          name="muted_until"
          type="datetime-local"
          defaultValue={shown.muted_until}
          max="9999-12-31T23:59"
        />
      </label>
      <label>
        Gone after so many missed scans
        <input
          name="gone_after"
          type="number"
          min={1}
          max={1000}
          defaultValue={shown.gone_after}
          placeholder="as its network"
        />
      </label>
      <label class="check">
        <input name="known" type="checkbox" defaultChecked={shown.known === 'on'} />
        Known: it belongs here
      </label>
      {failure !== undefined && <Failure failure={failure} />}
      <p class="buttons">
        <button type="submit" class="primary">
          Save
        </button>
        <button type="button" onClick={discard}>
          Cancel
        </button>
      </p>
    </form>
  );
}

/** Whether the reader has typed anything that is not saved; the answer to a request that saved it may have been lost. */
function hasDraft(host: HostFacts): boolean {
  const saved = savedOf(host.note);
  return FIELDS.some((name) => (draftOf(host)?.[name] ?? saved[name]) !== saved[name]);
}

/** What the fields of the form hold if nothing is typed. */
function savedOf(note: HostNote | null): Readonly<Record<keyof HostNote, string>> {
  return {
    name: note?.name ?? '',
    owner: note?.owner ?? '',
    // As a browser keeps it.
    note: (note?.note ?? '').replaceAll(/\r\n?/g, '\n'),
    tags: note?.tags.join(' ') ?? '',
    muted_until: note?.muted_until ? localInput(note.muted_until) : '',
    gone_after: String(note?.gone_after ?? ''),
    known: note?.known === true ? 'on' : '',
  };
}

/** `2026-11-24T03:05` in the reader's zone, as the field takes it. */
function localInput(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * MS_A_MINUTE).toISOString().slice(0, 16);
}
