/** The library's face. */

export { EchosweepError, type ErrorCode } from './errors.ts';
export type { Engine } from './options.ts';
export type { HostResult } from './results/host-result.ts';
export type { Mark, Reason, Status } from './results/outcome.ts';
export type {
  CanaryRecord,
  CanarySilence,
  MacConflict,
  PacketCounts,
  PathCounts,
  RttSummary,
  RunRecord,
  TcpRecord,
} from './results/run-record.ts';
export type { SweepOptions } from './settings.ts';
export { type Sweep, sweep } from './sweep-iterable.ts';
