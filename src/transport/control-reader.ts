/**
 * Called with a control message of a slot (cmsg(3)); its `octets` of data begin at `data` in the memory of control
 * messages.
 */
export type ControlReader = (
  slot: number,
  level: number,
  type: number,
  data: number,
  octets: number,
) => void;
