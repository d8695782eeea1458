import type { Span } from "./ast.ts";

/** Thrown within the parser only: a mistake in a query, and where it is. */
export class QueryFault extends Error {
  readonly at: Span;

  constructor(message: string, at: Span) {
    super(message);
    this.at = at;
  }
}
