/** A hub that runs: its nats-server, its certificate, and the changes of its agents. */

import { MS_AN_HOUR } from '../../durations.ts';
import { EchosweepError } from '../../errors.ts';
import { HUB_SOCKET, listenForChanges } from './hub-control.ts';
import { HubFolder, type OwnServer, SERVER_CONFIG, SERVER_PID } from './hub-folder.ts';
import { endLeftServer, type Kill } from './left-server.ts';
import type { ServerProgram } from './nats-server-program.ts';
import { type ServerEvent, ServerProcess } from './server-process.ts';

/** The certificate is looked at so often. */
const CHECK_EVERY_MS = 12 * MS_AN_HOUR;

/** What a hub that runs calls. */
export interface HubParts {
  readonly onEvent: (event: ServerEvent) => void;
  /** Called with why the certificate could not be renewed; it is tried again. */
  readonly onNotRenewed: (error: unknown) => void;
  readonly kill: Kill;
}

export class RunningHub {
  readonly #folder: HubFolder;
  readonly #server: OwnServer;
  readonly #process: ServerProcess;
  #control: { close(): void } | undefined;
  #timer: NodeJS.Timeout | undefined;

  private constructor(folder: HubFolder, server: OwnServer, process: ServerProcess) {
    this.#folder = folder;
    this.#server = server;
    this.#process = process;
  }

  /**
   * Starts the server, and ends one that an earlier hub has left.
   * @throws EchosweepError CONFIG_INVALID, HUB_FAILED or OUTPUT_FAILED
   */
  static async start(
    path: string,
    program: ServerProgram,
    { onEvent, onNotRenewed, kill }: HubParts,
  ): Promise<RunningHub> {
    const folder = HubFolder.open(path);
    const { server } = folder;
    if (server === undefined) {
      throw new EchosweepError(
        'HUB_FAILED',
        `the hub in ${folder.path} is on a NATS server of your own`,
        'start that one',
      );
    }
    const process = new ServerProcess([program.path, '-c', folder.file(SERVER_CONFIG)], onEvent);
    const hub = new RunningHub(folder, server, process);
    hub.#control = await listenForChanges(folder.file(HUB_SOCKET), () => hub.reload());
    try {
      await endLeftServer(folder.file(SERVER_PID), folder.file(SERVER_CONFIG), kill);
      folder.writeServerFiles(server);
      await process.start();
    } catch (error) {
      hub.#control.close();
      throw error;
    }
    hub.#timer = setInterval(() => void hub.#renew().catch(onNotRenewed), CHECK_EVERY_MS);
    return hub;
  }

  /** What it listens on, and how many agents have a key. */
  get facts(): { readonly listen: string; readonly agents: number } {
    return { listen: this.#server.listen, agents: this.#folder.agents().length };
  }

  /** Applies what has changed in the folder. @throws EchosweepError CONFIG_INVALID, HUB_FAILED or OUTPUT_FAILED */
  async reload(): Promise<void> {
    this.#folder.writeServerFiles(this.#server);
    await this.#process.reload();
  }

  /** Ends the server. Never rejects. */
  async stop(): Promise<void> {
    clearInterval(this.#timer);
    this.#control?.close();
    await this.#process.stop();
  }

  async #renew(): Promise<void> {
    if (this.#folder.certificate(this.#server).isDue) await this.reload();
  }
}
