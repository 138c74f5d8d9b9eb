/** Receivers as a configuration makes them: whole, so that each test names only what it is about. */

import { CHANGE_KINDS } from '../../../../src/inventory/host-memory.ts';
import type { ChangeFilter } from '../../../../src/inventory/notify/change-filter.ts';
import type { Receiver } from '../../../../src/inventory/notify/receivers.ts';

export function filterOf(values: Partial<ChangeFilter> = {}): ChangeFilter {
  return {
    kinds: CHANGE_KINDS,
    severity: 'info',
    networks: undefined,
    tags: undefined,
    hosts: undefined,
    ...values,
  };
}

const BASE = {
  filter: filterOf(),
  quiet: [],
  digest: undefined,
  timeoutMs: 5000,
};

export type Values = Partial<Pick<Receiver, 'name' | 'filter' | 'quiet' | 'digest' | 'timeoutMs'>>;

export function webhook(values: Values = {}, url = 'https://hooks.example'): Receiver {
  return { ...BASE, name: 'webhook', type: 'webhook', address: { url }, secret: {}, ...values };
}

export function mail(values: Values = {}): Receiver {
  return {
    ...BASE,
    name: 'mail',
    type: 'mail',
    host: 'mail.example',
    port: 587,
    security: 'starttls',
    user: undefined,
    password: {},
    from: 'a@example.net',
    to: ['b@example.net'],
    ...values,
  };
}

export function syslog(values: Values = {}): Receiver {
  return {
    ...BASE,
    name: 'syslog',
    type: 'syslog',
    host: 'log.example',
    port: 514,
    transport: 'udp',
    facility: 'daemon',
    ...values,
  };
}
