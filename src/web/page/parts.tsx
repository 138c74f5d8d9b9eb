/** Small parts that several views share. */

import type { ComponentChildren } from 'preact';
import type { Host, HostState, Network } from './answers.ts';
import type { ApiError } from './api.ts';
import { momentText, relativeText } from './clock.ts';
import { href } from './route.ts';
import { STATE_CLASS, stateWord } from './states.ts';

/** A view of a network begins before the network is here. */
export interface NetworkPartProps {
  readonly name: string;
  readonly network: Network | undefined;
}

/** `3 min ago`, with the moment itself for those who point at it. */
export function Ago({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={momentText(at)}>
      {relativeText(at)}
    </time>
  );
}

export function Moment({ at }: { readonly at: string }) {
  return (
    <time dateTime={at} title={`${at.slice(0, 19).replace('T', ' ')} UTC`}>
      {momentText(at)}
    </time>
  );
}

export function StateMark({ state }: { readonly state: HostState }) {
  return <span class={`status ${STATE_CLASS[state]}`}>{stateWord(state)}</span>;
}

/** What people call a host: the name in its note, or else the one in DNS. */
export function nameOf({ note, hostname }: Pick<Host, 'note' | 'hostname'>): string {
  return note?.name ?? hostname ?? '';
}

export function hostHref(address: string, network: string): string {
  return href(['host', address], { network });
}

/** Instead of what is not there, with what the reader can do. */
export function Empty({
  title,
  children,
}: {
  readonly title: string;
  readonly children?: ComponentChildren;
}) {
  return (
    <div class="empty">
      <p class="empty-title">{title}</p>
      {children}
    </div>
  );
}

export function Failure({ failure }: { readonly failure: ApiError }) {
  return (
    <p class="remark doubt" role="alert">
      {failure.message}
      {failure.advice === '' ? '' : `: ${failure.advice}`}
    </p>
  );
}

/** Keeps the room of what is still on its way, and says so to screen readers. */
export function Pending({ height = 160 }: { readonly height?: number }) {
  return (
    <div class="pending" style={{ minHeight: `${height}px` }} role="status">
      <span class="hidden">Loading</span>
    </div>
  );
}

/** A filter that is on or off. */
export function Chip({
  isOn,
  onToggle,
  children,
}: {
  readonly isOn: boolean;
  readonly onToggle: () => void;
  readonly children: ComponentChildren;
}) {
  return (
    <button type="button" class="chip" aria-pressed={isOn} onClick={onToggle}>
      {children}
    </button>
  );
}

interface SpanChoiceProps {
  readonly spans: readonly (readonly [string, string])[];
  readonly chosen: string;
  readonly onChoose: (span: string) => void;
}

/** How far back a figure goes. */
export function SpanChoice({ spans, chosen, onChoose }: SpanChoiceProps) {
  return (
    <fieldset class="spans">
      <legend class="hidden">Time</legend>
      {spans.map(([span, label]) => (
        <button
          key={span}
          type="button"
          aria-pressed={span === chosen}
          onClick={() => onChoose(span)}
        >
          {label}
        </button>
      ))}
    </fieldset>
  );
}
