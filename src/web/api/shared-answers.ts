/** Answers that many readers share: a question that is open, or was answered just now, is answered once for all of them. */

const MOST_ANSWERS = 128;
/** What an answer cost pays for a part of the time that it is used again. */
const USED_FOR_COSTS = 20;
const SHORTEST_MS = 1_000;
const LONGEST_MS = 10_000;
/** Longer ones are not kept for later readers. */
const LONGEST_KEPT = 1024 * 1024;

interface SharedAnswer {
  readonly json: Promise<string>;
  /** Infinite until it is there. */
  endsAtMs: number;
}

export class SharedAnswers {
  /** The oldest first. */
  private readonly byQuestion = new Map<string, SharedAnswer>();
  private readonly nowMs: () => number;

  /** @param nowMs a clock that a test may move */
  constructor(nowMs: () => number = () => performance.now()) {
    this.nowMs = nowMs;
  }

  /** @param make called if there is no answer that is still good */
  of(question: string, make: () => Promise<string>): Promise<string> {
    const found = this.byQuestion.get(question);
    const startMs = this.nowMs();
    if (found !== undefined && startMs < found.endsAtMs) return found.json;
    const made: SharedAnswer = { json: make(), endsAtMs: Number.POSITIVE_INFINITY };
    this.byQuestion.delete(question);
    this.byQuestion.set(question, made);
    if (this.byQuestion.size > MOST_ANSWERS) {
      const [oldest] = this.byQuestion.keys();
      this.byQuestion.delete(oldest!);
    }
    made.json.then(
      ({ length }) => {
        const endMs = this.nowMs();
        const goodForMs = Math.min(LONGEST_MS, USED_FOR_COSTS * (endMs - startMs));
        if (length > LONGEST_KEPT) this.drop(question, made);
        made.endsAtMs = endMs + Math.max(SHORTEST_MS, goodForMs);
      },
      () => this.drop(question, made),
    );
    return made.json;
  }

  private drop(question: string, made: SharedAnswer): void {
    if (this.byQuestion.get(question) === made) this.byQuestion.delete(question);
  }

  /** Something has changed: every answer is made again. */
  clear(): void {
    this.byQuestion.clear();
  }
}
