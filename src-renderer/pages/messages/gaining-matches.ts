import type { QueryNode } from "../../../src-shared/query/ast.ts";
import { parseQuery } from "../../../src-shared/query/parse.ts";

/** What changes in the life of a message; its channel, its session or its recipients do not. */
const CHANGING: ReadonlySet<string> = new Set(["status", "error", "reason", "external", "latency", "has"]);

/** Whether a message that did not match the query may begin to, such as one that fails. */
export function canGainMatches(q: string): boolean {
  const parsed = parseQuery(q, Date.now());
  return parsed.ok && parsed.query !== null && changes(parsed.query);
}

function changes(node: QueryNode): boolean {
  switch (node.kind) {
    case "text":
      // An error's text is searched as well.
      return true;
    case "filter":
      return CHANGING.has(node.field);
    case "not":
      return changes(node.node);
    default:
      return node.nodes.some(changes);
  }
}
