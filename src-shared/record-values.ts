export const DEFAULT_USER = "default_user";
export const DEFAULT_CHANNEL = "event";
export const PREVIEW_CODE_POINTS = 200;
/** `message_data` and `message_metadata` together, as UTF-8 JSON. */
export const MAX_RECORD_BYTES = 1024 * 1024;
/** Code points. */
export const MAX_TEXT = 4_096;
/** Code points. */
export const MAX_ERROR = 65_536;
export const MAX_RECIPIENTS = 10_000;

export const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

/** The first 200 code points, never half of one. */
export function cutPreview(text: string): string {
  if (text.length <= PREVIEW_CODE_POINTS) return text.toWellFormed();
  let end = 0;
  for (let points = 0; points < PREVIEW_CODE_POINTS && end < text.length; points += 1) {
    end += (text.codePointAt(end) ?? 0) > 0xffff ? 2 : 1;
  }
  return text.slice(0, end).toWellFormed();
}
