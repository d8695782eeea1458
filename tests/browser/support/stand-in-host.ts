import { procedureChannel } from "../../../src-main/desktop/ipc/channels.ts";
import { PAGE_ORIGIN, StandIn } from "../../desktop/support/stand-in.ts";
import { apiOf, type Host, readBrowserClipboard } from "./host.ts";

/** The built desktop app on the double of Electron, without a window at first. */
export async function startStandIn(dataDir: string): Promise<Host> {
  const app = await StandIn.start({ dataDir, context: null, args: ["--hidden"] });
  await app.listening();
  // Each test goes to its own page first.
  await app.order("land", "about:blank");
  return {
    ...apiOf(app.apiUrl, await app.token()),
    dataDir,
    pageUrl: PAGE_ORIGIN,
    async openWindow(context) {
      await app.order("destroyWindow", null);
      app.showIn(context);
      await app.order("emit", { event: "activate", args: [] });
      return app.shownPage();
    },
    readClipboard: readBrowserClipboard,
    async listen() {
      await app.order("listen", null);
      return () => app.order("heard", null);
    },
    desktop: {
      saveTo: async (path) => void (await app.order("answer", [path])),
      async offeredPath() {
        const { dialogs } = await app.order("state", null);
        return dialogs.findLast((shown) => shown.startsWith("save "))?.slice("save ".length) ?? "";
      },
      noteChosen: async (name, path) => void (await app.order("notePath", { name, path })),
      async answerInstead(name, value) {
        const reply = { ok: true, value };
        await app.order("answerInstead", { channel: procedureChannel(name), reply });
      },
    },
    async stop() {
      const code = await app.stop();
      if (code !== 0) throw new Error(`The app ended with ${code}: ${app.told}`);
    },
  };
}
