import { randomUUID } from "node:crypto";
import { createReadStream, createWriteStream } from "node:fs";
import { stat, statfs } from "node:fs/promises";
import { basename } from "node:path";
import { Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { z } from "zod";
import { EXPORT_FORMATS, jobSchema } from "../../../src-shared/contract/upkeep.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { errnoOf, PRIVATE_FILE } from "../../api/atomic-file.ts";
import { startImport } from "../../api/import-job.ts";
import type { ReportFiles } from "../../api/report-files.ts";
import { parseMap } from "../../transfer/column-map.ts";
import type { HostContext, ZodApp } from "../host-context.ts";

/** An upload must leave the ledger room to go on. */
const RESERVED_DISK_BYTES = 256 * 1024 * 1024;

const importQuery = z.strictObject({
  format: z.enum(EXPORT_FORMATS).optional(),
  /** The file's name, for the messages about it. */
  name: z.string().max(1_000).default("upload"),
  map: z.string().max(16_384).default(""),
  channel: z.string().max(4_096).optional(),
});

/** What the UI brings and fetches as files. */
export function transferRoutes(app: ZodApp, context: HostContext): void {
  const { files, stopping } = context;
  const tags = ["Procedures of the UI"];

  app.register((scope: ZodApp, _options, done) => {
    scope.removeAllContentTypeParsers();
    scope.addContentTypeParser("*", (_request, payload, done) => done(null, payload));
    scope.post(
      "/api/import",
      {
        schema: {
          summary: "Bring a file and start its import",
          tags,
          querystring: importQuery,
          response: { 200: z.object({ ok: z.literal(true), value: jobSchema }) },
        },
      },
      async ({ query, body, headers }) => {
        if (!(body instanceof Readable))
          throw new WaybillError("malformed", "The body is empty. Send the file as the body.");
        const map = query.map === "" ? {} : parseMap(query.map);
        await assertRoom(files, Number(headers["content-length"] ?? 0));
        const path = await receive(files, body, stopping);
        const job = startImport(context, path, {
          name: basename(query.name),
          map,
          ...(query.format === undefined ? {} : { format: query.format }),
          ...(query.channel === undefined || query.channel === "" ? {} : { channel: query.channel }),
        });
        return { ok: true as const, value: job };
      },
    );
    done();
  });

  app.get(
    "/api/exports/:id",
    {
      exposeHeadRoute: false,
      schema: {
        summary: "Fetch the file of a finished job, once",
        tags,
        params: z.object({ id: z.string().max(100) }),
      },
    },
    async ({ params }, reply) => {
      const file = files.find(params.id);
      const found = file === undefined ? null : await stat(file.path).catch(() => null);
      if (file === undefined || found === null) {
        throw new WaybillError("not_found", "This file was fetched already or is too old. Export it again.");
      }
      // Only what was taken whole is removed. The stream's end must not need another read of the file: a quick
      // client has all it was promised by then, and closes before "finish".
      reply.raw.once("finish", () => void files.remove(file.path));
      return reply
        .type("application/octet-stream")
        .header("content-length", found.size)
        .header("content-disposition", contentDisposition(file.name))
        .send(found.size === 0 ? "" : createReadStream(file.path, { end: found.size - 1 }));
    },
  );
}

/** Names of our own making are plain; a rejects file carries the name that the user's file had. */
function contentDisposition(name: string): string {
  const plain = name.replace(/[^\w.-]+/g, "_");
  return `attachment; filename="${plain}"; filename*=UTF-8''${encodeURIComponent(name.toWellFormed())}`;
}

async function assertRoom(files: ReportFiles, bytes: number): Promise<void> {
  files.prepare();
  const { bavail, bsize } = await statfs(files.directory);
  if (bytes + RESERVED_DISK_BYTES <= bavail * bsize) return;
  throw new WaybillError(
    "too_large",
    "The disk has no room for this file. Free some space, or import it on the host with: waybill import FILE",
  );
}

/** Writes the body to a private file. Throws `cannot_accept` where it can't be kept, `malformed` where it broke off. */
async function receive(files: ReportFiles, body: Readable, stopping: AbortSignal): Promise<string> {
  const path = files.newPath(`upload-${randomUUID()}`);
  try {
    await pipeline(body, createWriteStream(path, { flags: "wx", mode: PRIVATE_FILE }), { signal: stopping });
    return path;
  } catch (error) {
    await files.remove(path);
    if (stopping.aborted)
      throw new WaybillError("unavailable", "Waybill is stopping. Send the file when it runs again.");
    const code = errnoOf(error);
    if (code === "ECONNRESET" || code === "ERR_STREAM_PREMATURE_CLOSE") {
      throw new WaybillError("malformed", "The file broke off before its end. Send it again.", {
        cause: error,
      });
    }
    throw new WaybillError(
      "cannot_accept",
      `The file can't be kept in ${files.directory} (${code}). Free some space there.`,
      {
        cause: error,
      },
    );
  }
}
