import { ipcMain, type WebContents } from "electron";
import { z } from "zod";
import { PROCEDURES } from "../../../src-shared/contract/index.ts";
import {
  bridgeImportSchema,
  type DesktopState,
  type PreferenceChanges,
  preferenceChangesSchema,
} from "../../../src-shared/desktop-bridge.ts";
import { toErrorBody } from "../../../src-shared/errors.ts";
import { callProcedure, invalidBody, isProcedureName } from "../../api/call-procedure.ts";
import type { Core } from "../../api/core.ts";
import { requireMatcher } from "../../api/require-matcher.ts";
import type { DesktopFiles } from "../desktop-files.ts";
import type { Signals } from "../signals.ts";
import type { UpdateService } from "../updates.ts";
import { ASKED, procedureChannel, TOLD } from "./channels.ts";
import { IpcRouter } from "./ipc-router.ts";
import { PendingCalls } from "./pending-calls.ts";
import { TailFeeds } from "./tail-feeds.ts";

export type PageServices = {
  core: Core;
  files: DesktopFiles;
  signals: Signals;
  isOwnWindow: (sender: WebContents) => boolean;
  /** Does nothing while there is no page. */
  send: (channel: string, value: unknown) => void;
  getDesktop: () => DesktopState;
  setPreferences: (changes: PreferenceChanges) => Promise<unknown>;
  updates: Pick<UpdateService, "check" | "download" | "defer">;
  /** Throws `conflict` where none was downloaded. */
  installUpdate: () => void;
};

export type PageServer = {
  /** The page went away or is loaded anew: what it listened to ends. */
  pageGone: () => void;
  close: (ms: number) => Promise<void>;
};

const nothing = z.strictObject({});
const callId = z.strictObject({ call_id: z.int().positive() });
const procedureCall = callId.extend({ input: z.unknown() });
const tailId = z.strictObject({ tail_id: z.int().positive() });
const fileId = z.string().max(100);

/** Everything that the page may ask, and all that it is told. */
export function servePage(services: PageServices): PageServer {
  const { core, files, signals, send, updates } = services;
  const router = new IpcRouter<WebContents>({
    ipc: ipcMain,
    isOwnWindow: services.isOwnWindow,
    onUnexpected: core.onUnexpected,
  });
  const calls = new PendingCalls();
  const tails = new TailFeeds({
    follow(q, listener, onOpen) {
      const matches = requireMatcher(q);
      const heard: typeof listener = (change) => {
        if (matches(change.message)) listener(change);
      };
      return core.ledger.on("message.changed", heard, onOpen);
    },
    send: (batch) => send(TOLD.tail, batch),
  });
  const stopEvents = core.events.on((envelope) => send(TOLD.event, envelope));

  for (const name of Object.keys(PROCEDURES).filter(isProcedureName)) {
    router.handleReply(procedureChannel(name), async (raw, late) => {
      const call = procedureCall.safeParse(raw);
      if (!call.success) return { ok: false, error: invalidBody(call.error.issues) };
      const { call_id, input } = call.data;
      return calls.run(call_id, late, (signal) =>
        callProcedure(core.handlers, name, input, core.onUnexpected, signal),
      );
    });
  }
  router.handle(ASKED.giveUpCall, callId, ({ call_id }) => {
    calls.giveUp(call_id);
    return null;
  });
  router.handle(ASKED.openTail, tailId.extend({ q: z.string().max(4_096) }), ({ tail_id, q }) => {
    tails.open(tail_id, q);
    return null;
  });
  router.handle(ASKED.confirmTail, tailId, ({ tail_id }) => {
    tails.confirm(tail_id);
    return null;
  });
  router.handle(ASKED.closeTail, tailId, ({ tail_id }) => {
    tails.close(tail_id);
    return null;
  });
  router.handle(ASKED.hearSignals, nothing, () => {
    signals.heard();
    return null;
  });
  router.handle(
    ASKED.importPath,
    bridgeImportSchema.extend({ path: z.string().max(32_768) }),
    ({ path, ...options }) => files.importPath(path, options),
  );
  router.handle(
    ASKED.importOpened,
    bridgeImportSchema.extend({ file_id: fileId }),
    ({ file_id, ...options }) => files.importOpened(file_id, options),
  );
  router.handle(ASKED.readOpened, z.strictObject({ file_id: fileId }), ({ file_id }) =>
    files.readOpened(file_id),
  );
  router.handle(ASKED.saveJobFile, z.strictObject({ job_id: z.string().max(100) }), async ({ job_id }) => {
    try {
      const saved = await files.saveJobFile(job_id);
      if (saved !== null) signals.tell({ kind: "file-saved", ...saved });
      return saved;
    } catch (error) {
      // Whatever page is open by now.
      const description = toErrorBody(error).message;
      signals.tell({ kind: "notice", tone: "danger", title: "The file was not saved", description });
      throw error;
    }
  });
  router.handle(ASKED.showSaved, z.strictObject({ file_id: fileId }), ({ file_id }) =>
    files.showSaved(file_id),
  );
  router.handle(ASKED.getDesktop, nothing, services.getDesktop);
  router.handle(ASKED.setPreferences, preferenceChangesSchema, async (changes) => {
    await services.setPreferences(changes);
    return services.getDesktop();
  });
  const update = (channel: string, act: () => unknown) =>
    router.handle(channel, nothing, async () => {
      await act();
      return null;
    });
  update(ASKED.checkForUpdates, () => updates.check());
  update(ASKED.downloadUpdate, () => updates.download());
  update(ASKED.deferUpdate, () => updates.defer());
  update(ASKED.installUpdate, services.installUpdate);

  const pageGone = () => {
    calls.giveUpAll();
    tails.closeAll();
    signals.unheard();
  };
  return {
    pageGone,
    async close(ms) {
      await router.close(ms);
      stopEvents();
      pageGone();
    },
  };
}
