/** What is used of electron-updater. */
export type Updater = {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  checkForUpdates(): Promise<unknown>;
  quitAndInstall(isSilent?: boolean, isForceRunAfter?: boolean): void;
  on(event: "update-downloaded", listener: (info: { version: string }) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
};

export type UpdateOptions = {
  updater: Updater;
  onReady: (version: string) => void;
  onTrouble: (message: string) => void;
  /** How often it is asked for one. */
  everyMs: number;
};

/** Updates are fetched in the background and wait: they go in at the next quit, or sooner when the operator says so. */
export class Updates {
  readonly #updater: Updater;
  readonly #timer: NodeJS.Timeout;
  #ready: string | null = null;

  constructor({ updater, onReady, onTrouble, everyMs }: UpdateOptions) {
    this.#updater = updater;
    updater.autoDownload = true;
    updater.autoInstallOnAppQuit = true;
    updater.on("update-downloaded", ({ version }) => {
      if (this.#ready === version) return;
      this.#ready = version;
      onReady(version);
    });
    updater.on("error", (error) => onTrouble(`The search for an update failed: ${error.message}`));
    this.#timer = setInterval(() => this.check(), everyMs).unref();
  }

  /** The version that waits for the next start; null for none. */
  get ready(): string | null {
    return this.#ready;
  }

  check(): void {
    // What fails is also told by the event.
    this.#updater.checkForUpdates().catch(() => undefined);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  /** To be called when all else has ended: nothing of ours runs after it. */
  install(): void {
    this.#updater.quitAndInstall(false, true);
  }
}
