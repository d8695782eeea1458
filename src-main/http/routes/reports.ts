import { Readable } from "node:stream";
import { z } from "zod";
import { analyticsReportSchema, quickStatsSchema } from "../../../src-shared/contract/statistics.ts";
import { type ReportFormat, upkeepProcedures } from "../../../src-shared/contract/upkeep.ts";
import { toErrorBody } from "../../../src-shared/errors.ts";
import { reportName } from "../../api/export-job.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { exportQuery, statsQuery, systemLogsQuery } from "./queries.ts";

export const MEDIA_TYPES: Readonly<Record<ReportFormat, string>> = {
  csv: "text/csv; charset=utf-8",
  json: "application/json; charset=utf-8",
  ndjson: "application/x-ndjson; charset=utf-8",
  html: "text/html; charset=utf-8",
};

/** Described, but not typed: a stream is sent as it is. */
const STREAMED: Record<number, unknown> = {
  200: {
    description: "The report",
    content: Object.fromEntries(
      Object.values(MEDIA_TYPES).map((type) => [type.replace(/;.*/, ""), { schema: z.string() }]),
    ),
  },
};

export function reportRoutes(app: ZodApp, context: HostContext): void {
  const { ledger, handlers } = context;
  const tags = ["Reports"];

  app.get(
    "/stats",
    {
      schema: {
        summary: "Figures of the last days, with the full analytics report",
        tags,
        querystring: statsQuery,
        response: { 200: quickStatsSchema.extend({ report: analyticsReportSchema }) },
      },
    },
    async ({ query: { days } }) => {
      const [quick, report] = await Promise.all([
        handlers["stats.quick"]({ days }),
        handlers["stats.report"]({ days }),
      ]);
      return { ...quick, report };
    },
  );

  app.get(
    "/system_logs",
    {
      schema: {
        summary: "Waybill's own events and those of its callers, newest first",
        tags,
        querystring: systemLogsQuery,
        response: { 200: upkeepProcedures["systemLogs.list"].output },
      },
    },
    ({ query }) => handlers["systemLogs.list"](query),
  );

  app.get(
    "/export",
    {
      // A HEAD would write the whole report to nobody.
      exposeHeadRoute: false,
      schema: {
        summary: "A report of any size, streamed",
        tags,
        querystring: exportQuery,
        response: STREAMED,
      },
    },
    async ({ query }, reply) => {
      const chunks = ledger.exportChunks(query)[Symbol.asyncIterator]();
      // Read before the headers go out: a filter that is not valid is still a 422.
      const first = await chunks.next();
      const stream = Readable.from(textOf(first, chunks, context), { objectMode: false });
      return reply
        .type(MEDIA_TYPES[query.format])
        .header("content-disposition", `attachment; filename="${reportName(query)}"`)
        .send(stream);
    },
  );
}

type Chunk = { text: string | Uint8Array; rows: number };

/**
 * The report's text as the client takes it. When the client goes, `return` ends the ledger's
 * read; when the read fails, throwing cuts the connection, so that half a report never looks whole.
 */
async function* textOf(
  first: IteratorResult<Chunk>,
  rest: AsyncIterator<Chunk>,
  { onUnexpected }: HostContext,
): AsyncGenerator<string | Uint8Array> {
  try {
    for (let next = first; !next.done; next = await rest.next()) {
      yield next.value.text;
    }
  } catch (error) {
    if (toErrorBody(error).code === "internal") onUnexpected({ component: "GET /export", error });
    throw error;
  } finally {
    await rest.return?.();
  }
}
