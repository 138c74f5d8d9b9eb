/** All routes of the API: a group is a file of its own and a line here. */

import { NETWORK_ROUTES } from './networks.ts';
import type { Route } from './route.ts';
import { SESSION_ROUTES } from './session.ts';

export const ROUTES: readonly Route[] = [...SESSION_ROUTES, ...NETWORK_ROUTES];
