/** Changes by day, which those who may can acknowledge: one, those chosen, or all that match. */

import { useState } from 'preact/hooks';
import type { Change } from './answers.ts';
import { ApiError, apiPath, type Query, send } from './api.ts';
import { dayTitle, timeOfDay } from './clock.ts';
import { touch } from './live.ts';
import { notice } from './notice.ts';
import { hostHref, Moment } from './parts.tsx';
import { href } from './route.ts';
import { mayEdit } from './session.ts';
import { changeWord, countText, plural, rttText } from './words.ts';

interface ChangeListProps {
  readonly changes: readonly Change[];
  readonly total: number;
  readonly filter: Query;
  readonly isOfHost: boolean;
  readonly hasNetwork: boolean;
}

export function ChangeList({ changes, total, filter, isOfHost, hasNetwork }: ChangeListProps) {
  const [chosen, setChosen] = useState<ReadonlySet<number>>(new Set());
  const unread = changes.filter(({ acknowledged_at: at }) => at === null);
  const acknowledge = async (body: object, words: string): Promise<void> => {
    try {
      await send('POST', apiPath(['changes', 'acknowledge']), body);
      notice.value = words;
      setChosen(new Set());
      touch(undefined);
    } catch (error) {
      if (error instanceof ApiError) notice.value = `${error.message}: ${error.advice}`;
    }
  };
  const toggle = (id: number): void => {
    const next = new Set(chosen);
    if (!next.delete(id)) next.add(id);
    setChosen(next);
  };
  // Below the heading of the view, or of a section.
  const Title = isOfHost ? 'h3' : 'h2';
  return (
    <>
      {!isOfHost && (
        <p class="feed-line">
          <span class="muted">{plural(total, 'change')}</span>
          {mayEdit.value && chosen.size > 0 && (
            <button
              type="button"
              onClick={() =>
                void acknowledge(
                  { ids: [...chosen] },
                  `Acknowledged ${plural(chosen.size, 'change')}`,
                )
              }
            >
              Acknowledge {countText(chosen.size)} chosen
            </button>
          )}
          {mayEdit.value && chosen.size === 0 && unread.length > 0 && (
            <button
              type="button"
              onClick={() =>
                void acknowledge(
                  { filter: filterOf(filter), through: changes[0]!.id },
                  'Acknowledged all changes of this list',
                )
              }
            >
              Acknowledge the whole list
            </button>
          )}
        </p>
      )}
      {byDay(changes).map(([day, items]) => (
        <section key={day} class="day" aria-label={day}>
          <Title class="day-title">{day}</Title>
          <ol class="changes-list">
            {items.map((change) => (
              <ChangeLine
                key={change.id}
                change={change}
                isOfHost={isOfHost}
                hasNetwork={hasNetwork}
                isChosen={chosen.has(change.id)}
                onChoose={() => toggle(change.id)}
                onAcknowledge={() =>
                  void acknowledge(
                    {
                      ids: [change.id],
                      ...(change.acknowledged_at === null ? {} : { undo: true }),
                    },
                    change.acknowledged_at === null ? 'Acknowledged' : 'Unread again',
                  )
                }
              />
            ))}
          </ol>
        </section>
      ))}
    </>
  );
}

/** Without what is not wished for. */
function filterOf(filter: Query): Query {
  return Object.fromEntries(
    Object.entries(filter).filter(([, value]) => value !== undefined && value !== ''),
  );
}

function byDay(changes: readonly Change[]): [string, Change[]][] {
  const days: [string, Change[]][] = [];
  for (const change of changes) {
    const title = dayTitle(change.seen_at);
    if (days.at(-1)?.[0] !== title) days.push([title, []]);
    days.at(-1)![1].push(change);
  }
  return days;
}

interface ChangeLineProps {
  readonly change: Change;
  readonly isOfHost: boolean;
  readonly hasNetwork: boolean;
  readonly isChosen: boolean;
  readonly onChoose: () => void;
  readonly onAcknowledge: () => void;
}

function ChangeLine({
  change,
  isOfHost,
  hasNetwork,
  isChosen,
  onChoose,
  onAcknowledge,
}: ChangeLineProps) {
  const { network, address, hostname, severity, seen_at: at } = change;
  const { acknowledged_at: readAt, acknowledged_by: readBy } = change;
  const word = changeWord(change.change);
  const isUnread = readAt === null;
  return (
    <li class={`change ${isUnread ? 'unread' : ''}`}>
      {mayEdit.value && !isOfHost && (
        <input
          type="checkbox"
          checked={isChosen}
          disabled={!isUnread}
          onChange={onChoose}
          aria-label={`Choose: ${word}, ${address}`}
        />
      )}
      <time class="change-time" dateTime={at}>
        {timeOfDay(at)}
      </time>
      <span class="change-kind">
        <i class={`dot ${severity}`} aria-hidden="true" />
        {word}
        {isUnread && <span class="hidden"> (unread)</span>}
      </span>
      {!isOfHost && (
        <span class="change-host">
          <a class="host-link" href={hostHref(address, network)}>
            {address}
          </a>
          {hostname !== null && <span class="muted clip">{hostname}</span>}
        </span>
      )}
      <Why change={change} />
      {!isOfHost && !hasNetwork && (
        <a class="change-network muted" href={href(['network', network])}>
          {network}
        </a>
      )}
      <span class="change-read">
        {!isUnread && (
          <span class="muted" title={`by ${readBy ?? 'a token'}`}>
            read{' '}
            <span class="hidden">
              by {readBy ?? 'a token'} <Moment at={readAt} />
            </span>
          </span>
        )}
        {mayEdit.value && (
          <button
            type="button"
            class="quiet"
            onClick={onAcknowledge}
            aria-label={`${isUnread ? 'Acknowledge' : 'Undo'}: ${word}, ${address}`}
          >
            {isUnread ? 'Acknowledge' : 'Undo'}
          </button>
        )}
      </span>
    </li>
  );
}

/** The values before and after in a reader's words. */
function valuesOf({ change, before, after }: Change): Pick<Change, 'before' | 'after'> {
  if (change === 'flapping' && after !== null) {
    return { before: null, after: `gone ${plural(Number(after), 'time')}` };
  }
  if (change !== 'slower' || before === null || after === null) return { before, after };
  return { before: rttText(Number(before)), after: rttText(Number(after)) };
}

/** From what to what, the reason, and the responder. */
function Why({ change }: { readonly change: Change }) {
  const { reason, responder } = change;
  const { before, after } = valuesOf(change);
  const values = [before, after].filter((value) => value !== null);
  // Two devices answer at the same time: neither has become the other.
  const isPair = change.change === 'conflict';
  return (
    <span class="change-why">
      {before !== null && after !== null ? (
        <>
          <span>{before}</span> <span aria-hidden={!isPair}>{isPair ? 'and' : '→'}</span>{' '}
          {!isPair && <span class="hidden">to </span>}
          <span>{after}</span>
        </>
      ) : (
        values.map((value) => <span key={value}>{value}</span>)
      )}
      {reason !== null && reason !== before && reason !== after && (
        <span class="muted">{reason}</span>
      )}
      {responder !== null && <span class="muted">reported by {responder}</span>}
    </span>
  );
}
