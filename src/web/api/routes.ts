/** All routes of the API: a group is a file of its own and a line here. */

import { AUDIT_ROUTES } from './audit.ts';
import { NETWORK_ROUTES } from './networks.ts';
import type { Route } from './route.ts';
import { SCAN_ROUTES } from './scans.ts';
import { SESSION_ROUTES } from './session.ts';
import { TOKEN_ROUTES } from './tokens.ts';

export const ROUTES: readonly Route[] = [
  ...SESSION_ROUTES,
  ...NETWORK_ROUTES,
  ...SCAN_ROUTES,
  ...TOKEN_ROUTES,
  ...AUDIT_ROUTES,
];
