import pg from "pg";

export type Refusal = { status: number; body: unknown; headers?: Record<string, string> };

/** PostgREST's own errors: code, message, details and hint, in this order of keys. */
export function refuse(
  status: number,
  code: string,
  message: string,
  details: string | null = null,
): Refusal {
  return { status, body: { code, details, hint: null, message } };
}

/** What PostgREST makes of an error of PostgreSQL; the status depends on the class of its code. */
export function refusalOf(error: unknown, isAnonymous: boolean): Refusal {
  if (!(error instanceof pg.DatabaseError)) {
    const message = "Database connection error. Retrying the connection.";
    return refuse(503, "PGRST001", message, error instanceof Error ? error.message : null);
  }
  const { code = "XX000", message, detail = null, hint = null } = error;
  return { status: statusOf(code, message, isAnonymous), body: { code, details: detail, hint, message } };
}

function statusOf(code: string, message: string, isAnonymous: boolean): number {
  if (code === "23503" || code === "23505") return 409;
  if (code === "25006") return 405;
  if (code === "21000") return message.endsWith("requires a WHERE clause") ? 400 : 500;
  if (code === "53400") return 500;
  if (code === "57P01" || /^(08|53)/.test(code)) return 503;
  if (/^(0L|0P|28)/.test(code)) return 403;
  if (code === "P0001") return 400;
  if (code === "42883" || code === "42P01") return 404;
  if (code === "42P17" || /^(09|25|2D|38|39|3B|40|54|55|57|58|F0|HV|P0|XX)/.test(code)) return 500;
  if (code === "42501") return isAnonymous ? 401 : 403;
  return 400;
}
