/**
 * Every failure that may cross a boundary (HTTP, IPC, CLI, a promise given to a caller) is one
 * of these codes with a sentence that says what to do. Raw errors stay inside.
 */
export const ERROR_STATUS = {
  malformed: 400,
  unauthorized: 401,
  forbidden: 403,
  not_found: 404,
  method_not_allowed: 405,
  conflict: 409,
  too_large: 413,
  unsupported_media_type: 415,
  invalid: 422,
  rate_limited: 429,
  cancelled: 499,
  internal: 500,
  cannot_accept: 503,
  unavailable: 503,
  newer_ledger: 503,
} as const;

export type ErrorCode = keyof typeof ERROR_STATUS;

export type ErrorBody = { code: ErrorCode; message: string; details?: unknown };

/** What a procedure answers on every carrier. */
export type Reply<T> = { ok: true; value: T } | { ok: false; error: ErrorBody };

export class WaybillError extends Error {
  readonly code: ErrorCode;
  readonly details: unknown;

  constructor(code: ErrorCode, message: string, options: { details?: unknown; cause?: unknown } = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = "WaybillError";
    this.code = code;
    this.details = options.details;
  }
}

/** What may be told of any thrown value: our own errors as they are, all else only as "internal". */
export function toErrorBody(error: unknown): ErrorBody {
  if (error instanceof WaybillError) {
    const body: ErrorBody = { code: error.code, message: error.message };
    return error.details === undefined ? body : { ...body, details: error.details };
  }
  return {
    code: "internal",
    message: "Waybill met an error it did not expect; the system log has the details.",
  };
}

export function toWaybillError(body: ErrorBody): WaybillError {
  return new WaybillError(body.code, body.message, { details: body.details });
}
