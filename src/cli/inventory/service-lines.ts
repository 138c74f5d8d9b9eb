/** What a person at the terminal of `inventory run` reads about each event. */

import type { ServiceEvent } from '../../service/service-events.ts';
import { errorLine } from '../terminal.ts';
import { changeLine, scanSummary, unresolvedLine } from './scan-lines.ts';

/** @param isQuiet whether only problems and the service itself are worth a line */
export function linesAbout(event: ServiceEvent, isQuiet: boolean): string[] {
  switch (event.type) {
    case 'names-unresolved':
      return event.names.map((name) => unresolvedLine(event.network, name));
    case 'scan-ended':
      return [
        ...scanSummary(event.network, event.result, isQuiet),
        ...(isQuiet ? [] : event.result.changes.map(changeLine)),
      ];
    case 'scan-failed':
      return [errorLine(`${event.network}: ${event.error.message}`)];
    case 'problem':
      return [errorLine(event.message)];
    case 'site-silent':
      return [errorLine(`${event.silence}; its hosts stay as they were`)];
    case 'site-heard':
      return [errorLine(`${event.site} is heard of again`)];
    case 'reloaded':
      return [errorLine('configuration reloaded')];
    case 'reload-failed':
      return [errorLine(`${event.error.message}; keeping the previous configuration`)];
    default:
      return [];
  }
}

/** `the next scan is due at 2026-01-01T00:00:00.000Z` */
export function nextScanLine(nextScanAt: Date | undefined): string {
  return nextScanAt === undefined
    ? 'no network has a schedule: add one to each network that is to be scanned'
    : `the next scan is due at ${nextScanAt.toISOString()}`;
}
