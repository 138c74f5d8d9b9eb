/** The states of addresses on maps, which octets number; the page in the browser has them from here too. */

/** What the octets stand for, from what may be passed over to what must be seen. */
export const ADDRESS_STATES = [
  'unasked',
  'free',
  'documented-silent',
  'present',
  'new',
  'missing',
  'gone',
  'conflict',
] as const;
export type AddressState = (typeof ADDRESS_STATES)[number];
