/** What people know about a host: shown, and edited by those who may. */

import { useState } from 'preact/hooks';
import { MS_A_MINUTE } from '../../durations.ts';
import type { HostFacts, HostNote } from './answers.ts';
import { ApiError, apiPath, send } from './api.ts';
import { notice } from './notice.ts';
import { Failure } from './parts.tsx';
import { mayEdit } from './session.ts';

interface NoteProps {
  readonly host: HostFacts;
  readonly onSaved: () => void;
}

export function NoteSection({ host, onSaved }: NoteProps) {
  const [isEdited, setEdited] = useState(false);
  const { note } = host;
  const isEmpty = note === null || (note.owner === null && note.note === null);
  return (
    <section class="card" aria-labelledby="note-title">
      <div class="section-line">
        <h2 id="note-title">Notes</h2>
        {mayEdit.value && !isEdited && (
          <button type="button" class="small" onClick={() => setEdited(true)}>
            Edit
          </button>
        )}
      </div>
      {isEdited ? (
        <NoteForm
          host={host}
          onDone={(isSaved) => {
            setEdited(false);
            if (isSaved) onSaved();
          }}
        />
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
  onDone,
}: {
  readonly host: HostFacts;
  readonly onDone: (isSaved: boolean) => void;
}) {
  const { note } = host;
  const [failure, setFailure] = useState<ApiError>();
  const submit = async (event: SubmitEvent): Promise<void> => {
    event.preventDefault();
    const form = new FormData(event.currentTarget as HTMLFormElement);
    const text = (name: string): string | null => String(form.get(name) ?? '').trim() || null;
    const muted = text('muted_until');
    const misses = text('gone_after');
    const body: HostNote = {
      name: text('name'),
      owner: text('owner'),
      note: text('note'),
      tags: (text('tags') ?? '').split(/[\s,]+/).filter((tag) => tag !== ''),
      known: form.get('known') === 'on' ? true : null,
      muted_until: muted === null ? null : new Date(muted).toISOString(),
      gone_after: misses === null ? null : Number(misses),
    };
    try {
      const { network, address } = host;
      await send('PATCH', apiPath(['networks', network, 'hosts', address, 'note']), body);
      notice.value = `Saved what is known about ${address}`;
      onDone(true);
    } catch (error) {
      if (error instanceof ApiError) setFailure(error);
    }
  };
  return (
    <form class="form" onSubmit={(event) => void submit(event)}>
      <label>
        Name
        <input name="name" value={note?.name ?? ''} maxLength={200} autocomplete="off" />
      </label>
      <label>
        Owner
        <input name="owner" value={note?.owner ?? ''} maxLength={200} autocomplete="off" />
      </label>
      <label>
        Note
        <textarea name="note" rows={3} maxLength={4000} value={note?.note ?? ''} />
      </label>
      <label>
        Tags, spaces between
        <input name="tags" value={note?.tags.join(' ') ?? ''} autocomplete="off" />
      </label>
      <label>
        No notifications until
        <input
          name="muted_until"
          type="datetime-local"
          value={note?.muted_until ? localInput(note.muted_until) : ''}
        />
      </label>
      <label>
        Gone after so many missed scans
        <input
          name="gone_after"
          type="number"
          min={1}
          max={1000}
          value={note?.gone_after ?? ''}
          placeholder="as its network"
        />
      </label>
      <label class="check">
        <input name="known" type="checkbox" defaultChecked={note?.known === true} />
        Known: it belongs here
      </label>
      {failure !== undefined && <Failure failure={failure} />}
      <p class="buttons">
        <button type="submit" class="primary">
          Save
        </button>
        <button type="button" onClick={() => onDone(false)}>
          Cancel
        </button>
      </p>
    </form>
  );
}

/** `2026-11-24T03:05` in the reader's zone, as the field takes it. */
function localInput(iso: string): string {
  const at = new Date(iso);
  return new Date(at.getTime() - at.getTimezoneOffset() * MS_A_MINUTE).toISOString().slice(0, 16);
}
