/** Routes of scans: start one, stop one. */

import { z } from 'zod';
import type { Inventory, ScanControl } from '../../service/inventory.ts';
import { ApiError } from './api-error.ts';
import { type Route, route } from './route.ts';

const params = z.object({ name: z.string() });

export const SCAN_ROUTES: readonly Route[] = [
  route({
    method: 'POST',
    path: '/networks/{name}/scan',
    role: 'edit',
    summary: 'Requests a scan, which begins as soon as no other is running.',
    params,
    answer: z.object({ requested: z.literal(true) }),
    handle: ({ inventory, params: { name } }) => {
      scansOf(inventory).startScan(name);
      return { requested: true as const };
    },
  }),
  route({
    method: 'DELETE',
    path: '/networks/{name}/scan',
    role: 'edit',
    summary:
      'Stops the scan that is running, and keeps what it found; or withdraws a request for one.',
    params,
    answer: z.object({ stopped: z.boolean().describe('Whether there was anything to stop.') }),
    handle: ({ inventory, params: { name } }) => ({
      stopped: scansOf(inventory).stopScan(name),
    }),
  }),
];

function scansOf({ scans }: Inventory): ScanControl {
  if (scans !== undefined) return scans;
  throw new ApiError(
    409,
    'NO_SCANS_HERE',
    'this server shows the inventory and does not scan',
    'start echosweep inventory run --listen',
  );
}
