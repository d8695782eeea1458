import type { Readable } from "node:stream";
import { z } from "zod";
import {
  acceptanceSchema,
  messageEventSchema,
  messagePageSchema,
  statusUpdateSchema,
} from "../../../src-shared/contract/messages.ts";
import { WaybillError } from "../../../src-shared/errors.ts";
import { messageInputSchema, messageRecordSchema, uuidSchema } from "../../../src-shared/record.ts";
import { acceptBody, acceptStream, type Log } from "../accept-records.ts";
import type { HostContext, ZodApp } from "../host-context.ts";
import { MAX_BODY_BYTES } from "../limits.ts";
import { pageQuery, searchQuery } from "./queries.ts";

const byUuid = z.object({ uuid: uuidSchema });
const NDJSON = ["application/x-ndjson", "application/ndjson"];

/** Where the report is durable but waits in the spool: what it makes of the record can't be told yet. */
const waitingReport = z.object({ message_uuid: z.string(), status: z.literal("accepted") });

/** Only for the description: the ledger itself checks each record, so that one bad one refuses no other. */
const recordsBody = z.union([messageInputSchema, z.array(messageInputSchema)]);

export function messageRoutes(app: ZodApp, { ledger, handlers, stopping }: HostContext): void {
  app.register((scope: ZodApp, _options, done) => {
    scope.addContentTypeParser(NDJSON, (_request, payload, done) => done(null, payload));
    scope.post(
      "/messages",
      {
        bodyLimit: MAX_BODY_BYTES,
        validatorCompiler: () => (value) => ({ value }),
        schema: {
          summary: "Log one record, an array of them, or NDJSON as it arrives",
          tags: ["Messages"],
          consumes: ["application/json", ...NDJSON],
          body: recordsBody,
          response: { 202: acceptanceSchema },
        },
      },
      async (request, reply) => {
        const log: Log = (records, options) => ledger.logMessages(records, options);
        const { "content-type": type } = request.headers;
        if (type === undefined)
          throw new WaybillError("malformed", "The body is empty. Send one record or a list of them.");
        const body: unknown = request.body;
        const isStream = NDJSON.some((each) => type.toLowerCase().startsWith(each));
        const acceptance = isStream
          ? await acceptStream(log, body as Readable, stopping)
          : await acceptBody(log, body);
        return reply.code(202).send(acceptance);
      },
    );
    done();
  });

  app.get(
    "/messages",
    {
      schema: {
        summary: "Messages that match a query, newest first",
        tags: ["Messages"],
        querystring: searchQuery,
        response: { 200: messagePageSchema },
      },
    },
    ({ query }) => handlers["messages.search"](query),
  );

  app.get(
    "/messages/:uuid",
    {
      schema: {
        summary: "One message with its history",
        tags: ["Messages"],
        params: byUuid,
        response: { 200: messageRecordSchema.extend({ events: z.array(messageEventSchema) }) },
      },
    },
    async ({ params }) => {
      const { message, events } = await handlers["messages.get"]({ message_uuid: params.uuid });
      return { ...message, events };
    },
  );

  app.patch(
    "/messages/:uuid",
    {
      schema: {
        summary: "Report what became of a message",
        tags: ["Messages"],
        params: byUuid,
        body: statusUpdateSchema,
        response: { 200: messageRecordSchema, 202: waitingReport },
      },
    },
    async ({ params, body }, reply) => {
      const message = await handlers["messages.updateStatus"]({ message_uuid: params.uuid, ...body });
      if (message !== null) return reply.send(message);
      return reply.code(202).send({ message_uuid: params.uuid, status: "accepted" });
    },
  );

  app.get(
    "/messages/subject/:id",
    {
      schema: {
        summary: "Messages from or to one subject, newest first",
        tags: ["Messages"],
        params: z.object({ id: z.string().min(1).max(4_096) }),
        querystring: pageQuery,
        response: { 200: messagePageSchema },
      },
    },
    ({ params, query }) => handlers["messages.bySubject"]({ subject_id: params.id, ...query }),
  );
}
