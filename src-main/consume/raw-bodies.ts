import type { Channel } from "rabbitmq-client";

type Header = { fields: { contentType?: string | undefined; [name: string]: unknown } };

/** Where a message's content type is kept from the library. */
const ASIDE = "givenContentType";

/**
 * The library parses a body by its content type, which rounds large numbers and loses what is no UTF-8. Whoever reads
 * or hands on a body to the byte needs it as it came: with this, all bodies of a channel are buffers.
 */
export function keepBodiesRaw(channel: Channel): void {
  const inner = channel as unknown as { _onHeader: (header: Header) => void };
  const onHeader = inner._onHeader.bind(channel);
  inner._onHeader = (header) => {
    const { contentType, ...fields } = header.fields;
    onHeader({ ...header, fields: { ...fields, [ASIDE]: contentType } });
  };
}

/** A message of such a channel, taken apart. */
export function takeApart<M extends { body?: unknown; contentType?: string | undefined }>(
  message: M,
): { properties: Omit<M, "body">; body: Buffer } {
  const { body, [ASIDE]: contentType, ...rest } = message as M & { [ASIDE]?: string };
  const properties = contentType === undefined ? rest : { ...rest, contentType };
  return { properties: properties as unknown as Omit<M, "body">, body: body as Buffer };
}
