export type ParsedBody = { body: Record<string, unknown>; error: null } | { body: null; error: string };

/** The JSON object that a text holds, or a sentence that says what is wrong with it, and where. */
export function parseBody(text: string): ParsedBody {
  if (text.trim() === "") return { body: null, error: "It is empty. A record is one JSON object: { … }." };
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value)) {
      return { body: value as Record<string, unknown>, error: null };
    }
    return { body: null, error: "It must be one JSON object, in braces: { … }." };
  } catch (error) {
    return { body: null, error: describeFault(text, error instanceof Error ? error.message : "") };
  }
}

/** `… in JSON at position 12 (line 2 column 3)`; where the engine gives no position, it quotes the place instead. */
function describeFault(text: string, message: string): string {
  const isCutShort = /unexpected end/i.test(message);
  const position = isCutShort ? text.length : /at position (\d+)/.exec(message)?.[1];
  const reason = message.replace(/ (in|after) JSON at position.*$/s, "").replace(/ is not valid JSON$/, "");
  if (position === undefined) return `This is not valid JSON: ${reason}.`;
  const lines = text.slice(0, Number(position)).split("\n");
  const place = `line ${lines.length}, column ${(lines.at(-1)?.length ?? 0) + 1}`;
  return `This is not valid JSON at ${place}: ${isCutShort ? "it ends too early" : reason}.`;
}
