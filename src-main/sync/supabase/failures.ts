import { SinkFailure } from "../sink.ts";
import type { Trouble } from "./api.ts";

/** The file an operator runs in Supabase. */
export const SQL_FILE = "assets/supabase/waybill.sql";
const RUN_IT = `Run ${SQL_FILE} in the SQL editor of the project.`;

/**
 * What a trouble means for what was sent. `refused`: some of these rows will never be taken. `too_large`: not in one
 * request. `failed`: none of them were taken, for a reason that is not theirs.
 */
export type Meaning =
  | { kind: "refused" | "too_large"; reason: string }
  | { kind: "failed"; failure: SinkFailure; isSlow: boolean };

/** Sorts every way in which a call can fail. */
export function meaningOf(trouble: Trouble, host: string): Meaning {
  const { status, code, retryAfterMs } = trouble;
  const stop = (message: string): Meaning => ({
    kind: "failed",
    failure: new SinkFailure("stop", message, { cause: trouble.error }),
    isSlow: false,
  });
  const retry = (message: string, isSlow = false): Meaning => ({
    kind: "failed",
    failure: new SinkFailure("retry", message, {
      cause: trouble.error,
      ...(retryAfterMs === null ? {} : { retryAfterMs }),
    }),
    isSlow,
  });

  if (status === 0) return meaningOfSilence(trouble, host, stop, retry);
  if (status === 413) return { kind: "too_large", reason: `${host} takes no request that large.` };
  if (status === 429) return retry(`${host} asks for a pause: there were too many requests.`);
  const known = MEANINGS.find(({ codes, statuses }) => codes?.test(code) || statuses?.includes(status));
  if (known?.kind === "refused") return { kind: "refused", reason: reasonOf(trouble) };
  if (known?.kind === "stop") return stop(known.sentence(host, reasonOf(trouble)));
  if (known !== undefined) return retry(known.sentence(host, reasonOf(trouble)), known.isSlow === true);
  // Any other of its codes is about the statement, which is the same for every row.
  if (code !== "" && status < 500)
    return stop(`${host} does not take what this Waybill sends: ${reasonOf(trouble)}`);
  if (status === 400 || status === 409 || status === 422)
    return { kind: "refused", reason: reasonOf(trouble) };
  if (status >= 500 || status === 408) return retry(`${host} answers with an error: ${reasonOf(trouble)}`);
  if (status < 300)
    return retry(`What answers at ${host} is not Supabase, as behind the sign-in of a network.`);
  if (status < 400)
    return stop(`${host} sends requests on to another address. Look whether SUPABASE_URL begins with https.`);
  return stop(`${host} refuses all requests: ${reasonOf(trouble)}`);
}

/** The same for a call that no row can be refused in. */
export function failureOf(trouble: Trouble, host: string): SinkFailure {
  const meaning = meaningOf(trouble, host);
  return meaning.kind === "failed" ? meaning.failure : notAsExpected(meaning.reason);
}

type Sentence = (host: string, reason: string) => string;
type Known = {
  codes?: RegExp;
  statuses?: readonly number[];
  kind: "refused" | "stop" | "retry";
  sentence: Sentence;
} & {
  isSlow?: boolean;
};

/** In this order: what PostgreSQL says counts for more than the status that was made of it. */
const MEANINGS: readonly Known[] = [
  {
    codes: /^(PGRST205|42P01)$/,
    kind: "stop",
    sentence: () => `The tables message_logs and sessions are not there. ${RUN_IT}`,
  },
  {
    codes: /^(PGRST204|42703|PGRST202|42883|42P10)$/,
    kind: "stop",
    sentence: (_host, reason) =>
      `The tables there are of another version than this Waybill. ${RUN_IT} (${reason})`,
  },
  {
    codes: /^PGRST106$/,
    kind: "stop",
    sentence: () => "The schema public is not shown by the API. Add it under Settings, API, Exposed schemas.",
  },
  {
    codes: /^PGRST303$/,
    kind: "stop",
    sentence: (host) => `The key for ${host} is no longer valid. Put a new secret key into SUPABASE_KEY.`,
  },
  {
    codes: /^42501$/,
    kind: "stop",
    sentence: (_host, reason) =>
      `The key may not write (${reason}). Put the secret key (sb_secret_…) or the service_role key into SUPABASE_KEY, or run ${SQL_FILE} again.`,
  },
  {
    codes: /^57014$/,
    kind: "retry",
    isSlow: true,
    sentence: (host) =>
      `The database at ${host} took too long and gave up. It is tried again with less at once.`,
  },
  {
    codes: /^53100$/,
    kind: "retry",
    sentence: (host) =>
      `The disk of the database at ${host} is full. Make room there; nothing is lost meanwhile.`,
  },
  {
    codes: /^25006$/,
    kind: "retry",
    sentence: (host) =>
      `The database at ${host} can only be read now, as when its disk is nearly full. Make room there; nothing is lost meanwhile.`,
  },
  {
    codes: /^(53300|PGRST003)$/,
    kind: "retry",
    sentence: (host) => `The database at ${host} has no connection to spare now.`,
  },
  {
    codes: /^(PGRST00[012]|57P0[123]|08)/,
    kind: "retry",
    sentence: (host) => `The API at ${host} does not reach its database now.`,
  },
  // Data (22), constraints (23), one row twice (21000), limits of one value (54), and what a trigger of the user raises.
  { codes: /^(22...|23...|21000|44000|54...|P0001|PGRST102)$/, kind: "refused", sentence: () => "" },
  {
    statuses: [401, 403],
    kind: "stop",
    sentence: (host, reason) => `${host} does not take the key: ${reason}. Look at SUPABASE_KEY.`,
  },
  {
    statuses: [402],
    kind: "stop",
    sentence: (host, reason) =>
      `Supabase has restricted the project at ${host}: ${reason}. Look at its dashboard.`,
  },
  {
    statuses: [404],
    kind: "stop",
    sentence: (host) => `There is no Supabase project at ${host}. Look at SUPABASE_URL.`,
  },
  {
    statuses: [540],
    kind: "stop",
    sentence: (host) => `The project at ${host} is paused. Restore it in Supabase's dashboard.`,
  },
  {
    statuses: [504, 522, 524],
    kind: "retry",
    isSlow: true,
    sentence: (host) => `${host} gave no answer in time. It is tried again with less at once.`,
  },
];

/** The table takes nothing, or is not the one that Waybill knows. */
export function notAsExpected(reason: string): SinkFailure {
  return new SinkFailure(
    "stop",
    `Supabase takes no record at all: ${reason}. Undo what was changed of its tables, or run ${SQL_FILE} again.`,
  );
}

/** Chat turns are to be written into a table of the project's own, and would not be. */
export function chatTableNotWritten(table: string, reason: string): SinkFailure {
  return new SinkFailure(
    "stop",
    `SUPABASE_TABLE is ${table}, which this project does not write: ${reason}. Run assets/supabase/${table}.sql in its SQL editor, or leave SUPABASE_TABLE out.`,
  );
}

/** There was no answer at all. */
function meaningOfSilence(
  trouble: Trouble,
  host: string,
  stop: (message: string) => Meaning,
  retry: (message: string, isSlow?: boolean) => Meaning,
): Meaning {
  const { error, timedOut } = trouble;
  if (timedOut) return retry(`${host} gave no answer in time. It is tried again with less at once.`, true);
  if (error === null && trouble.message.startsWith("RangeError"))
    return { kind: "refused", reason: "It is nested too deeply to be written as JSON." };
  const code = codeOf(error);
  if (code === "ENOTFOUND" || code === "EAI_AGAIN")
    return retry(`The name ${host} is not found. The network may be down, or SUPABASE_URL has a mistake.`);
  if (code === "ECONNREFUSED") return retry(`${host} refuses the connection: nothing listens there now.`);
  if (code === "EHOSTUNREACH" || code === "ENETUNREACH")
    return retry(`There is no way to ${host} in the network now.`);
  if (code === "ETIMEDOUT") return retry(`${host} does not answer.`);
  if (code === "CERT_HAS_EXPIRED") return stop(`The certificate of ${host} has expired. Renew it there.`);
  if (code === "ERR_TLS_CERT_ALTNAME_INVALID")
    return stop(`The certificate of ${host} is for another name. Look at SUPABASE_URL.`);
  if (/CERT|ISSUER|SIGNATURE/.test(code)) {
    const how = "Give the file of its authority as sync.supabase.ca_file in the settings.";
    return stop(`The certificate of ${host} is of an authority that is not known here. ${how}`);
  }
  if (code === "EPROTO" || code.startsWith("ERR_SSL"))
    return stop(`${host} does not speak TLS there. Look at the protocol and the port in SUPABASE_URL.`);
  return retry(`The connection to ${host} was lost.`);
}

/** Of an error, or of the first of several, as when a name has more than one address. */
function codeOf(error: unknown): string {
  if (error instanceof AggregateError) return codeOf(error.errors[0]);
  return error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "";
}

const MOST_CHARACTERS = 300;

/** What the other side said, in one line; a page of HTML says nothing. */
function reasonOf({ status, code, message }: Trouble): string {
  const line = message.replace(/\s+/g, " ").trim();
  const said = line === "" || line.startsWith("<") ? "" : line.slice(0, MOST_CHARACTERS).toWellFormed();
  const name = code === "" ? `HTTP ${status}` : code;
  return said === "" ? name : `${said} (${name})`;
}
