import type { HealthCheck } from "../../../src-shared/contract/upkeep.ts";
import { plural } from "../../../src-shared/plural.ts";
import { formatBytes, formatDuration, formatNumber, formatPercent } from "../../ui/format.ts";

/** The figure behind a check, with its unit; empty where there is none. */
export function checkFigure({ value, unit }: Pick<HealthCheck, "value" | "unit">): string {
  if (value === null) return "";
  switch (unit) {
    case "bytes":
      return formatBytes(value);
    case "records":
      return plural(value, "record");
    case "groups":
      return plural(value, "group");
    case "milliseconds":
      return formatDuration(value / 1000);
    case "percent":
      return formatPercent(value / 100);
    case "version":
      return `version ${value}`;
    case null:
      return formatNumber(value);
  }
}
