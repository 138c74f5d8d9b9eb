/** What an inventory's page also shows of each host: its state, its days, its vendor. */

import { ABSENT, type HistoryColumns, type PageHistory } from '../page-data.ts';
import { numberColumn, type TableColumn, wordColumn } from './table-model.ts';

/** Em a mark of the strip takes. */
const MARK_WIDTH = 0.5;

export function stateColumns({ daysAMark }: PageHistory, hosts: HistoryColumns): TableColumn[] {
  const text = (values: readonly string[]) => (host: number) => values[host]!;
  const marks = hosts.days[0]?.length ?? 0;
  const weeks = daysAMark / 7;
  const label = daysAMark === 1 ? 'By day' : weeks === 1 ? 'By week' : `By ${weeks} weeks`;
  return [
    { ...wordColumn('state', 'State', text(hosts.state), 5.4), look: 'status' },
    {
      ...wordColumn('days', label, text(hosts.days), Math.max(5, MARK_WIDTH * marks + 0.5)),
      look: 'strip',
      spoken: (host) => spokenStrip(hosts.days[host]!, daysAMark),
    },
    numberColumn('up_pct', 'Up %', (host) => hosts.upPermille[host]!, permilleText, 4),
    wordColumn('known', 'Known', text(hosts.known), 8),
    wordColumn('first_seen', 'First seen', text(hosts.firstSeen), 6),
    wordColumn('last_seen', 'Last seen', text(hosts.lastSeen), 6),
  ];
}

export function makerColumn({ vendor }: HistoryColumns): TableColumn {
  return wordColumn('vendor', 'Maker', (host) => vendor[host]!, 7, true);
}

/** Lines of a host's story. */
export function historyLines(hosts: HistoryColumns, host: number): string[] {
  const { upPermille, firstSeen, lastSeen, known } = hosts;
  const share = upPermille[host]!;
  const answered = share === ABSENT ? [] : [`Answered ${permilleText(share)} % of scans`];
  const seen = firstSeen[host] === '' ? [] : [`Seen ${firstSeen[host]} to ${lastSeen[host]}`];
  return [...seen, ...answered, known[host]!];
}

/** What the bars show, for screen readers. */
function spokenStrip(strip: string, daysAMark: number): string {
  const asked = [...strip].filter((mark) => mark !== ' ').length;
  const answered = [...strip].filter((mark) => mark !== ' ' && mark !== '·').length;
  const unit = daysAMark === 1 ? 'days' : daysAMark === 7 ? 'weeks' : 'spans';
  return asked === 0 ? 'not probed' : `answered on ${answered} of ${asked} ${unit}`;
}

function permilleText(permille: number): string {
  return permille === ABSENT ? '' : (permille / 10).toFixed(1);
}
