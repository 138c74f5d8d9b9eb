/** Sets a prober on scripted Windows, with the handles and memory that the engine itself opens. */

import type { Family } from '../../../../src/address.ts';
import type { LinkTables } from '../../../../src/host-network/host-network.ts';
import type { BlockTargets } from '../../../../src/results/block-targets.ts';
import type { SocketOptions } from '../../../../src/transport/contract.ts';
import type { IcmpHandle } from '../../../../src/transport/handles.ts';
import { EchoHandles } from '../../../../src/transport/windows/echo-handles.ts';
import { WindowsTransport } from '../../../../src/transport/windows/windows-transport.ts';
import { type Probed, type Probing, probe } from '../../probe/probing.ts';
import type { ScriptedIphlpapi } from './scripted-iphlpapi.ts';

export const OPTIONS: SocketOptions = {
  payloadBytes: 56,
  longestTimeoutMs: 3_200,
  dontFragment: false,
};

const NO_NEIGHBOURS: Pick<LinkTables, 'visitNeighbours'> = { visitNeighbours: () => {} };

export class ProbedWindows extends WindowsTransport {
  readonly handles: EchoHandles;
  readonly handle: IcmpHandle;
  private readonly windows: ScriptedIphlpapi;

  private constructor(
    windows: ScriptedIphlpapi,
    handles: EchoHandles,
    handle: IcmpHandle,
    options: SocketOptions,
    tables: Pick<LinkTables, 'visitNeighbours'>,
  ) {
    super(windows, [handle], tables, options, windows.clock);
    this.windows = windows;
    this.handles = handles;
    this.handle = handle;
  }

  static open(
    windows: ScriptedIphlpapi,
    family: Family,
    more: Partial<SocketOptions> = {},
    tables = NO_NEIGHBOURS,
  ): ProbedWindows {
    const options = { ...OPTIONS, ...more };
    const handles = new EchoHandles(windows, windows.clock);
    const handle = handles.open(family, options);
    return new ProbedWindows(windows, handles, handle, options, tables);
  }

  /** Another thread takes the handle over, as a new worker does when one has died. */
  takenOver(): ProbedWindows {
    return new ProbedWindows(this.windows, this.handles, this.handle, OPTIONS, NO_NEIGHBOURS);
  }

  get clockNs(): number {
    return this.windows.clockNs;
  }
}

/** Probes a block to its end. */
export function probeWindows(
  windows: ScriptedIphlpapi,
  targets: BlockTargets,
  probing: Probing & { readonly options?: Partial<SocketOptions> } = {},
): Probed {
  return probe(ProbedWindows.open(windows, targets.family, probing.options), targets, probing);
}
