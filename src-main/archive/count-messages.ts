import { latencyBin } from "../../src-shared/latency.ts";
import { DAY_MS, HOUR_MS } from "../../src-shared/time.ts";
import { type CountDimension, MAX_KEY } from "./batch-counts.ts";

/** The hour of a moment, since 1970, and the moment of one. */
const hourOf = (moment: string): string =>
  `floor(extract(epoch FROM ${moment}) / ${HOUR_MS / 1_000})::integer`;
const momentOf = (hour: string): string => `to_timestamp(${hour}::integer * ${HOUR_MS / 1_000}.0)`;
const HOUR = hourOf("m.origin_ts");
const WITHIN = `m.origin_ts >= ${momentOf("$1")} AND m.origin_ts < ${momentOf("$2")}`;
const msOf = (moment: string): string => `floor(extract(epoch FROM ${moment}) * 1000)`;

/** The longest time that two moments of a record can lie apart. */
const LONGEST_BIN = latencyBin(10_000 * 366 * DAY_MS);

/** The least whole milliseconds of each bin of src-shared/latency.ts from the first on, or of the next that has any. */
const BIN_STARTS: readonly number[] = Array.from({ length: LONGEST_BIN }, (_, index) => {
  let ms = Math.max(1, Math.floor(2 ** (index / 12)) - 1);
  while (latencyBin(ms) < index + 1) ms += 1;
  return ms;
});

const TEMPLATE = "coalesce(m.template_name, m.template_id)";
const TEMPLATES = `SELECT 'template' AS dimension, ${HOUR} AS hour, left(${TEMPLATE}, ${MAX_KEY}) AS key, m.status,
    count(*) AS messages
  FROM public.message_logs AS m WHERE ${WITHIN} AND ${TEMPLATE} IS NOT NULL GROUP BY 2, 3, 4`;
/** Each message once for each domain of its recipients. */
const DOMAINS = `SELECT 'domain' AS dimension, ${HOUR} AS hour, d.key, m.status, count(*) AS messages
  FROM public.message_logs AS m CROSS JOIN LATERAL (
    SELECT DISTINCT lower(substring(r.recipient FROM '^.+@([^@]+)$')) AS key
    FROM unnest(m.destination_subject_ids) AS r (recipient)) AS d
  WHERE ${WITHIN} AND length(d.key) < 253 GROUP BY 2, 3, 4`;
const latencies = (stage: string): string => `SELECT '${stage}' AS dimension, ${HOUR} AS hour,
    width_bucket((${msOf(`m.${stage}_ts`)} - ${msOf("m.origin_ts")})::float8, '{${BIN_STARTS.join()}}'::float8[])::text AS key,
    '' AS status, count(*) AS messages
  FROM public.message_logs AS m WHERE ${WITHIN} AND m.${stage}_ts IS NOT NULL GROUP BY 2, 3`;

/** SQL that counts the messages themselves, of the hours from $1 to $2, as a batch's counts are (`uncountedJson`). */
export const COUNT_MESSAGES: Readonly<Record<CountDimension, string>> = {
  template: TEMPLATES,
  domain: DOMAINS,
  sent: latencies("sent"),
  delivered: latencies("delivered"),
};
