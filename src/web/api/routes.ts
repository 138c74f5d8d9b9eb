/** All routes of the API: a group is a file of its own and a line here. */

import { AUDIT_ROUTES } from './audit.ts';
import { CHANGE_ROUTES } from './changes.ts';
import { HOST_ROUTES } from './hosts.ts';
import { NETWORK_ROUTES } from './networks.ts';
import type { Route } from './route.ts';
import { SCAN_ROUTES } from './scans.ts';
import { SEARCH_ROUTES } from './search.ts';
import { SESSION_ROUTES } from './session.ts';
import { SITE_ROUTES } from './sites.ts';
import { TOKEN_ROUTES } from './tokens.ts';

export const ROUTES: readonly Route[] = [
  ...SESSION_ROUTES,
  ...NETWORK_ROUTES,
  ...HOST_ROUTES,
  ...CHANGE_ROUTES,
  ...SEARCH_ROUTES,
  ...SCAN_ROUTES,
  ...SITE_ROUTES,
  ...TOKEN_ROUTES,
  ...AUDIT_ROUTES,
];
