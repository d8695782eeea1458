import { contextBridge, ipcRenderer, webUtils } from "electron";
import type { EventEnvelope } from "../../../src-shared/contract/index.ts";
import type { DesktopSignal, TailBatch, WaybillBridge } from "../../../src-shared/desktop-bridge.ts";
import { ASKED, TOLD } from "../ipc/channels.ts";
import { procedures } from "./procedures.ts";

/** Gives the unsubscribe. The page never gets Electron's event, through which it could reach the sender. */
function listen<T>(channel: string, listener: (value: T) => void): () => void {
  const heard = (_event: unknown, value: T) => listener(value);
  ipcRenderer.on(channel, heard);
  return () => ipcRenderer.removeListener(channel, heard);
}

/**
 * Begins anywhere: a document on its way out may still open a tail, whose number the next document must not take. That
 * tail is closed with the next one.
 */
let tails = Math.floor(Math.random() * 2 ** 32);

const bridge = {
  procedures,
  giveUp: (call_id) => void ipcRenderer.invoke(ASKED.giveUpCall, { call_id }),
  onEvent: (listener) => listen<EventEnvelope>(TOLD.event, listener),
  onSignal(listener) {
    const stop = listen<DesktopSignal>(TOLD.signal, listener);
    void ipcRenderer.invoke(ASKED.hearSignals, {});
    return stop;
  },
  tail(q, listener) {
    tails += 1;
    const tail_id = tails;
    const stop = listen<TailBatch & { tail_id: number }>(TOLD.tail, ({ tail_id: id, ...batch }) => {
      if (id !== tail_id) return;
      listener(batch);
      // The next ones come only when these were taken: a page that is slow is not flooded.
      void ipcRenderer.invoke(ASKED.confirmTail, { tail_id });
    });
    void ipcRenderer.invoke(ASKED.openTail, { tail_id, q });
    return () => {
      stop();
      void ipcRenderer.invoke(ASKED.closeTail, { tail_id });
    };
  },
  // Only a file that the user chose or dropped has a path.
  importFile: (file, options) =>
    ipcRenderer.invoke(ASKED.importPath, { path: webUtils.getPathForFile(file), ...options }),
  importOpenedFile: (file_id, options) => ipcRenderer.invoke(ASKED.importOpened, { file_id, ...options }),
  readOpenedFile: (file_id) => ipcRenderer.invoke(ASKED.readOpened, { file_id }),
  saveJobFile: (job_id) => ipcRenderer.invoke(ASKED.saveJobFile, { job_id }),
  showSavedFile: (file_id) => ipcRenderer.invoke(ASKED.showSaved, { file_id }),
  getDesktop: () => ipcRenderer.invoke(ASKED.getDesktop, {}),
  setPreferences: (changes) => ipcRenderer.invoke(ASKED.setPreferences, changes),
  checkForUpdates: () => ipcRenderer.invoke(ASKED.checkForUpdates, {}),
  downloadUpdate: () => ipcRenderer.invoke(ASKED.downloadUpdate, {}),
  deferUpdate: () => ipcRenderer.invoke(ASKED.deferUpdate, {}),
  installUpdate: () => ipcRenderer.invoke(ASKED.installUpdate, {}),
} satisfies WaybillBridge<File>;

contextBridge.exposeInMainWorld("waybill", bridge);
