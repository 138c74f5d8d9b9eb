/** Takes results in: believes only those of offered chunks, keeps the first of each, and only then acknowledges it. */

import { NOT_COVERED } from '../results/block-results.ts';
import { blockOfRanges } from '../results/block-targets.ts';
import { statusNumber } from '../results/outcome.ts';
import type { DeliveredResult } from './broker.ts';
import { type ChunkFindings, decodeAnswer } from './contract/chunk-result.ts';
import { MessageRefused } from './contract/message.ts';
import type { Journal } from './journal.ts';
import type { JournalChunk, JournalScan } from './journal-tables.ts';

/** What became of the messages of a scan. */
export interface MessageCounts {
  offered: number;
  reoffered: number;
  kept: number;
  duplicates: number;
  refused: number;
}

/** What a scan's results go through. */
export interface Intake {
  readonly journal: Journal;
  readonly scan: JournalScan;
  readonly counts: MessageCounts;
  readonly nowMs: () => number;
  /** Called with each batch that is kept, once it is on disk. */
  readonly onKept?: ((chunk: JournalChunk) => void) | undefined;
  /** Whether no other agent is there that might sweep a chunk of which this one has sent no valid result. */
  readonly isHopeless: (chunk: JournalChunk, site: string, agent: string) => boolean;
  /** Called with each message that is not believed, and why. */
  readonly onRefused: (site: string, agent: string, why: string) => void;
}

/** One transaction, on disk when it returns; only then the broker may forget the results. */
export function takeIn(intake: Intake, results: readonly DeliveredResult[]): void {
  const acknowledgements = intake.journal.together(() => results.map((each) => take(intake, each)));
  for (const acknowledge of acknowledgements) acknowledge();
}

/** @returns the acknowledgement, for after the transaction */
function take(intake: Intake, result: DeliveredResult): () => void {
  const { journal, counts, nowMs, onKept, isHopeless, onRefused } = intake;
  const { site, agent, octets } = result;
  const refuse = (why: string) => () => {
    counts.refused++;
    onRefused(site, agent, why);
    result.refuse(why);
  };
  const chunk = chunkOf(intake, result);
  if (chunk === undefined) return refuse('nothing of that name was offered there');
  if (chunk.state === 'done') {
    return () => {
      counts.duplicates++;
      result.accept();
    };
  }
  let findings: ChunkFindings;
  try {
    findings = findingsOf(result, chunk);
  } catch (error) {
    if (!(error instanceof MessageRefused)) throw error;
    journal.refuse(chunk, isHopeless(chunk, site, agent));
    return refuse(error.message);
  }
  const { status } = findings.results;
  const { sent, received } = findings.run.packets;
  const up = status.filter((each) => each === statusNumber('up')).length;
  const receivedAt = new Date(nowMs());
  journal.keep(chunk, {
    messageName: result.scan,
    place: site,
    ...{ agent, octets, receivedAt, up, sent, received },
  });
  return () => {
    counts.kept++;
    onKept?.(chunk);
    result.accept();
  };
}

/** The chunk that a result is about; undefined if this scan has offered none of that name at that site. */
function chunkOf(
  { journal, scan }: Intake,
  { scan: name, site, chunk: number }: DeliveredResult,
): JournalChunk | undefined {
  if (name !== scan.messageName || !scan.sites.includes(site)) return undefined;
  const chunk = journal.find({ scan: scan.id, site: scan.isSpread ? '' : site, number });
  // Nothing was ever offered of a chunk without a place: an agent has guessed its number.
  return chunk?.place === '' ? undefined : chunk;
}

/** @throws MessageRefused unless it has every host that its agent may probe */
function findingsOf({ scan, site, octets }: DeliveredResult, chunk: JournalChunk): ChunkFindings {
  const name = { scan, site, chunk: chunk.number };
  const { findings, refusal } = decodeAnswer(octets, name, blockOfRanges(chunk.ranges));
  if (findings === null) throw new MessageRefused(refusal);
  const uncovered = findings.results.status.filter((status) => status === NOT_COVERED).length;
  if (uncovered === findings.denied) return findings;
  throw new MessageRefused(`${uncovered} of its hosts have no result`);
}
