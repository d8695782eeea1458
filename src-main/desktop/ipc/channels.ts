import type { ProcedureName } from "../../../src-shared/contract/index.ts";

/** Every channel of ours begins with it. Not in the bridge's file: the preload can load no schemas. */
const CHANNEL_PREFIX = "waybill:";

export function procedureChannel<N extends ProcedureName>(name: N): `waybill:call:${N}` {
  return `${CHANNEL_PREFIX}call:${name}`;
}

/** From the page, answered by a `Reply`. */
export const ASKED = {
  giveUpCall: `${CHANNEL_PREFIX}call.give-up`,
  openTail: `${CHANNEL_PREFIX}tail.open`,
  closeTail: `${CHANNEL_PREFIX}tail.close`,
  confirmTail: `${CHANNEL_PREFIX}tail.confirm`,
  hearSignals: `${CHANNEL_PREFIX}signals.hear`,
  importPath: `${CHANNEL_PREFIX}file.import-path`,
  importOpened: `${CHANNEL_PREFIX}file.import-opened`,
  readOpened: `${CHANNEL_PREFIX}file.read-opened`,
  saveJobFile: `${CHANNEL_PREFIX}file.save-job`,
  showSaved: `${CHANNEL_PREFIX}file.show-saved`,
  getDesktop: `${CHANNEL_PREFIX}desktop.get`,
  setPreferences: `${CHANNEL_PREFIX}preferences.set`,
  checkForUpdates: `${CHANNEL_PREFIX}update.check`,
  downloadUpdate: `${CHANNEL_PREFIX}update.download`,
  deferUpdate: `${CHANNEL_PREFIX}update.defer`,
  installUpdate: `${CHANNEL_PREFIX}update.install`,
} as const;

/** To the page, without an answer. */
export const TOLD = {
  event: `${CHANNEL_PREFIX}event`,
  tail: `${CHANNEL_PREFIX}tail.changes`,
  signal: `${CHANNEL_PREFIX}signal`,
} as const;
