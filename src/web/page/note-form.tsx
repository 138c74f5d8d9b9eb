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
const LABELS: Readonly<Record<keyof HostNote, string>> = {
  name: 'Name',
  owner: 'Owner',
  note: 'Note',
  tags: 'Tags, spaces between',
  muted_until: 'No notifications until',
  gone_after: 'Gone after so many missed scans',
  known: 'Known: it belongs here',
};

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
  const draft = draftOf(host) ?? {};
  const shown = textsOf(draft, saved);
  const overtaken = FIELDS.filter((name) => {
    const field = draft[name];
    return field !== undefined && ![field.was, field.text].includes(saved[name]);
  });
  useLayoutEffect(() => {
    if (!isOffered) form.current!.querySelector('input')!.focus();
  }, []);
  /** Fields that the reader has changed; the rest may have been changed elsewhere since. */
  const typed = (): Draft => {
    const fields = new FormData(form.current!);
    const before = draftOf(host);
    const all = FIELDS.map((name) => {
      const was = before?.[name]?.was ?? saved[name];
      return [name, { text: String(fields.get(name) ?? ''), was }] as const;
    });
    return Object.fromEntries(all.filter(([name, { text }]) => text !== saved[name]));
  };
  const discard = (): void => {
    keepDraft(host, {});
    onDone();
  };
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const sent = typed();
    const changed = FIELDS.flatMap((name) => {
      const text = sent[name]?.text.trim() ?? saved[name];
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
      const rest = Object.entries(draftOf(host) ?? {}).flatMap(([name, { text, was }]) => {
        const now = sent[name]?.text;
        return text === now ? [] : [[name, { text, was: now?.trim() ?? was }] as const];
      });
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
      {overtaken.map((name) => (
        <p key={name} class="remark doubt" role="status">
          Saved by someone else meanwhile, and replaced if you save: {LABELS[name]}: {saved[name]}
        </p>
      ))}
      <label>
        {LABELS.name}
        <input name="name" defaultValue={shown.name} maxLength={200} autocomplete="off" />
      </label>
      <label>
        {LABELS.owner}
        <input name="owner" defaultValue={shown.owner} maxLength={200} autocomplete="off" />
      </label>
      <label>
        {LABELS.note}
        <textarea name="note" rows={3} maxLength={4000} defaultValue={shown.note} />
      </label>
      <label>
        {LABELS.tags}
        <input name="tags" defaultValue={shown.tags} autocomplete="off" />
      </label>
      <label>
        {LABELS.muted_until}
        <input
          name="muted_until"
          type="datetime-local"
          defaultValue={shown.muted_until}
          max="9999-12-31T23:59"
        />
      </label>
      <label>
        {LABELS.gone_after}
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
        {LABELS.known}
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
  const shown = textsOf(draftOf(host) ?? {}, saved);
  return FIELDS.some((name) => shown[name] !== saved[name]);
}

type Texts = Readonly<Record<keyof HostNote, string>>;

/** What the fields of the form hold. */
function textsOf(draft: Draft, saved: Texts): Texts {
  const texts = FIELDS.map((name) => [name, draft[name]?.text ?? saved[name]]);
  return Object.fromEntries(texts) as Texts;
}

/** What the fields of the form hold if nothing is typed. */
function savedOf(note: HostNote | null): Texts {
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
