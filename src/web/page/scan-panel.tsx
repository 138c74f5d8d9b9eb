/** A scan that runs: how far it is; and the buttons that start and stop one. */

import { useState } from 'preact/hooks';
import { duration } from '../../words.ts';
import type { Progress } from './answers.ts';
import { ApiError, apiPath, send } from './api.ts';
import { notice } from './notice.ts';
import { mayScan } from './session.ts';
import { countText } from './words.ts';

export function ScanProgress({ progress }: { readonly progress: Progress }) {
  const { done, targets, up, rate_pps: rate, left_ms: left } = progress;
  const share = targets === 0 ? 0 : done / targets;
  return (
    <div class="progress">
      <progress
        value={done}
        max={Math.max(1, targets)}
        aria-label={`Scan of ${progress.network}`}
      />
      <p class="progress-words">
        <b>{Math.floor(100 * share)} %</b>
        <span>
          {countText(done)} of {countText(targets)}
        </span>
        <span class="progress-up">{countText(up)} up</span>
        {rate !== null && <span class="muted">{countText(Math.round(rate))} probes/s</span>}
        {left !== null && left > 0 && (
          <span class="muted">
            {duration(Math.ceil(left / 1000) * 1000).replace('.0 s', ' s')} left
          </span>
        )}
      </p>
    </div>
  );
}

interface ScanButtonProps {
  readonly network: string;
  readonly isRunning: boolean;
  /** A scan is requested and has not begun. */
  readonly isRequested: boolean;
}

export function ScanButton({ network, isRunning, isRequested }: ScanButtonProps) {
  const [isSent, setSent] = useState(false);
  if (!mayScan.value) return null;
  const press = async (): Promise<void> => {
    setSent(true);
    try {
      await send(isRunning ? 'DELETE' : 'POST', apiPath(['networks', network, 'scan']));
      notice.value = isRunning
        ? `The scan of ${network} is being stopped`
        : `A scan of ${network} is requested`;
    } catch (error) {
      if (error instanceof ApiError) notice.value = `${error.message}: ${error.advice}`;
    } finally {
      setSent(false);
    }
  };
  const isWaiting = isRequested && !isRunning;
  return (
    <button
      type="button"
      class="small"
      disabled={isSent || isWaiting}
      onClick={() => void press()}
      aria-label={`${isRunning ? 'Stop' : isWaiting ? 'Requested' : 'Scan now'}: ${network}`}
    >
      {isRunning ? 'Stop' : isWaiting ? 'Requested' : 'Scan now'}
    </button>
  );
}
