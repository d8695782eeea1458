import type { UpdateState } from "../../src-shared/desktop-bridge.ts";
import { WaybillError } from "../../src-shared/errors.ts";
import { DAY_MS } from "../../src-shared/time.ts";
import type { Deferral } from "./preferences-file.ts";

const DEFERRED_MS = 7 * DAY_MS;

/** What is used of electron-updater. */
export type Updater = {
  autoDownload: boolean;
  autoInstallOnAppQuit: boolean;
  checkForUpdates(): Promise<unknown>;
  downloadUpdate(): Promise<unknown>;
  quitAndInstall(isSilent?: boolean, isForceRunAfter?: boolean): void;
  on(event: "update-available" | "update-downloaded", listener: (info: { version: string }) => void): unknown;
  on(event: "update-not-available", listener: () => void): unknown;
  on(event: "download-progress", listener: (progress: { percent: number }) => void): unknown;
  on(event: "error", listener: (error: Error) => void): unknown;
};

export type UpdateOptions = {
  updater: Updater;
  /** What was put off when Waybill ran last. */
  deferral: Deferral | null;
  /** Keeps it for the next start. */
  keepDeferral: (deferral: Deferral) => Promise<void>;
  /** Told once for each version that is available, and again when it has been downloaded. */
  onNews: (news: { kind: "update-available" | "update-ready"; version: string }) => void;
  onChange: () => void;
  /** A download has come further, and nothing else is new. */
  onProgress: () => void;
  onTrouble: (message: string) => void;
  /** How often it is asked for one. */
  everyMs: number;
  now?: () => number;
};

export type UpdateService = {
  readonly state: UpdateState;
  /** Does nothing while one is downloaded or waits to go in. */
  check(): void;
  /** Throws `conflict` where none is available. */
  download(): void;
  /** Throws `conflict` where none is available, and `cannot_accept` where it holds only until Waybill quits. */
  defer(): Promise<void>;
  /** Throws `conflict` where none was downloaded. */
  requireReady(): void;
  /** To be called when all else has ended: nothing of ours runs after it. */
  install(): void;
  close(): void;
};

/** Where nothing can be updated: says why. */
export function noUpdates(reason: string): UpdateService {
  const refuse = (): never => {
    throw new WaybillError("conflict", reason);
  };
  return {
    state: { state: "unavailable", reason },
    check: refuse,
    download: refuse,
    defer: async () => refuse(),
    requireReady: refuse,
    install: refuse,
    close: () => {},
  };
}

/**
 * An update is looked for in the background, downloaded when the operator says so, and goes in at the next quit, or
 * sooner when asked. macOS installs what was downloaded whatever is said afterwards: putting off comes before it.
 */
export class Updates implements UpdateService {
  readonly #options: UpdateOptions;
  readonly #now: () => number;
  readonly #timer: NodeJS.Timeout;
  #state: UpdateState = { state: "current", checked_ts: null };
  #deferral: Deferral | null;
  #told: string | null = null;

  constructor(options: UpdateOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#deferral = options.deferral;
    const { updater } = options;
    updater.autoDownload = false;
    updater.autoInstallOnAppQuit = true;
    updater.on("update-available", ({ version }) => this.#offer(version));
    updater.on("update-not-available", () =>
      this.#become({ state: "current", checked_ts: new Date(this.#now()).toISOString() }),
    );
    updater.on("download-progress", ({ percent }) => {
      const whole = Math.floor(percent);
      if (this.#state.state !== "downloading" || this.#state.percent === whole) return;
      this.#state = { ...this.#state, percent: whole };
      options.onProgress();
    });
    updater.on("update-downloaded", ({ version }) => {
      this.#become({ state: "ready", version });
      options.onNews({ kind: "update-ready", version });
    });
    updater.on("error", (error) => this.#fail(error));
    this.#timer = setInterval(() => this.check(), options.everyMs).unref();
  }

  get state(): UpdateState {
    return this.#state;
  }

  check(): void {
    if (["checking", "downloading", "ready"].includes(this.#state.state)) return;
    this.#become({ state: "checking" });
    // What fails is also told by the event.
    this.#options.updater.checkForUpdates().catch(() => undefined);
  }

  download(): void {
    const { version } = this.#available();
    this.#become({ state: "downloading", version, percent: 0 });
    this.#options.updater.downloadUpdate().catch(() => undefined);
  }

  async defer(): Promise<void> {
    const { version } = this.#available();
    const until_ts = new Date(this.#now() + DEFERRED_MS).toISOString();
    this.#deferral = { version, until_ts };
    this.#become({ state: "deferred", version, until_ts });
    await this.#options.keepDeferral(this.#deferral);
  }

  requireReady(): void {
    if (this.#state.state === "ready") return;
    throw new WaybillError("conflict", "No update has been downloaded. Download it first.");
  }

  install(): void {
    this.#options.updater.quitAndInstall(false, true);
  }

  close(): void {
    clearInterval(this.#timer);
  }

  #available(): { version: string } {
    if (this.#state.state === "available" || this.#state.state === "deferred") return this.#state;
    throw new WaybillError("conflict", "No update waits for an answer just now. Check for one first.");
  }

  #offer(version: string): void {
    const deferral = this.#deferral;
    if (deferral?.version === version && Date.parse(deferral.until_ts) > this.#now()) {
      this.#become({ state: "deferred", ...deferral });
      return;
    }
    this.#become({ state: "available", version });
    if (this.#told === version) return;
    this.#told = version;
    this.#options.onNews({ kind: "update-available", version });
  }

  #fail(error: Error): void {
    // The rest of it are the headers of an answer.
    const reason = error.message.split("\n")[0] ?? "";
    const what = this.#state.state === "downloading" ? "downloaded" : "looked for";
    const message = `The update could not be ${what} (${reason}). Check the connection, then try again.`;
    this.#become({ state: "failed", message });
    this.#options.onTrouble(message);
  }

  #become(state: UpdateState): void {
    this.#state = state;
    this.#options.onChange();
  }
}
