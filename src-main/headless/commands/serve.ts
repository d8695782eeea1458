import type { Command } from "commander";
import { act, addDataDir, type CommonOptions, wholeNumber } from "../command.ts";

type ServeOptions = CommonOptions & { host: string; port: number };

export const DEFAULT_PORT = 8001;

export function serveCommand(program: Command): void {
  const command = addDataDir(program.command("serve"))
    .description("run the host: the API and the UI")
    .option("--host <address>", "the address to listen on", "127.0.0.1")
    .option("--port <port>", "the port; 0 picks a free one", wholeNumber(0, 65_535), DEFAULT_PORT)
    .option("--json", "tell on stdout, in JSON lines, when it listens");
  act<ServeOptions>(command, async ({ host, port, json }, dataDir) => {
    // The HTTP server is not loaded for every other command.
    const { serve } = await import("../serve.ts");
    return serve({ host, port, json: json === true, dataDir });
  });
}
