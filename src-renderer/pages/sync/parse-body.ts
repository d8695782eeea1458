/** The JSON object in a text, or a sentence that says what is wrong with it. */
export function parseBody(text: string): Record<string, unknown> | string {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === "object" && value !== null && !Array.isArray(value))
      return value as Record<string, unknown>;
    return "It must be one JSON object, in braces.";
  } catch (error) {
    return `It is not valid JSON: ${error instanceof Error ? error.message : String(error)}`;
  }
}
