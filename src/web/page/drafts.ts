/** Notes that are typed and not saved: kept in this tab while their writer looks elsewhere, reloads the page, or signs in again. */

import { signal } from '@preact/signals';
import { readTab, writeTab } from './tab-storage.ts';

/** A field that differs from what is saved. */
interface DraftField {
  readonly text: string;
  /** What was saved when its writer began to change it. */
  readonly was: string;
}

/** By the names of fields. */
export type Draft = Readonly<Record<string, DraftField>>;

/** A host that a draft is about. */
export interface DraftHost {
  readonly network: string;
  readonly address: string;
}

interface Kept extends DraftHost {
  readonly draft: Draft;
}

interface Drafts {
  /** Who wrote them; another reader of this browser never gets to see them. */
  readonly writer: string | undefined;
  readonly kept: readonly Kept[];
}

const NAME = 'drafts';
const NONE: Drafts = { writer: undefined, kept: [] };

const drafts = signal(readDrafts());

/** Hosts with a draft. */
export function draftHosts(): readonly DraftHost[] {
  return drafts.value.kept;
}

/** Must be called before a reader sees anything: drafts of others are deleted. */
export function keepDraftsOf(reader: string): void {
  const { writer, kept } = drafts.peek();
  if (writer !== reader) write({ writer: reader, kept: kept.length === 0 ? kept : [] });
}

export function draftOf(host: DraftHost): Draft | undefined {
  return drafts.peek().kept.find((each) => isOf(each, host))?.draft;
}

/** @param draft without any field to forget it */
export function keepDraft({ network, address }: DraftHost, draft: Draft): void {
  const { writer, kept } = drafts.peek();
  const others = kept.filter((each) => !isOf(each, { network, address }));
  const isEmpty = Object.keys(draft).length === 0;
  write({ writer, kept: isEmpty ? others : [...others, { network, address, draft }] });
}

function isOf(kept: DraftHost, { network, address }: DraftHost): boolean {
  return kept.network === network && kept.address === address;
}

function write(next: Drafts): void {
  drafts.value = next;
  writeTab(NAME, next.kept.length === 0 ? undefined : JSON.stringify(next));
}

function readDrafts(): Drafts {
  return JSON.parse(readTab(NAME) ?? 'null') ?? NONE;
}
