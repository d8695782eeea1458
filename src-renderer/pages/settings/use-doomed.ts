import { useQueries } from "@tanstack/react-query";
import { useState } from "react";
import type { RetentionRuleSettings } from "../../../src-shared/contract/upkeep.ts";
import { useClient } from "../../api/client.ts";
import { procedureKey } from "../../api/hooks.ts";
import { kindQuery, oldQuery } from "./retention-words.ts";

/** How many messages each rule would delete now, by itself; null while they are counted, or where they can't be. */
export function useDoomed(rules: readonly RetentionRuleSettings[]): (number | null)[] {
  const client = useClient();
  const [now] = useState(() => Date.now());
  const count = (q: string, isWanted: boolean) => ({
    queryKey: procedureKey("messages.count", { q }),
    queryFn: ({ signal }: { signal: AbortSignal }) => client.call("messages.count", { q }, { signal }),
    enabled: isWanted,
  });
  return useQueries({
    queries: rules.flatMap((rule) => [
      count(oldQuery(rule, rule.max_age_days ?? 1, now), rule.max_age_days !== null),
      count(kindQuery(rule), rule.max_records !== null),
    ]),
    combine: (answers) =>
      rules.map(({ max_age_days, max_records }, index) => {
        const old = max_age_days === null ? 0 : answers[2 * index]?.data?.count;
        const all = max_records === null ? 0 : answers[2 * index + 1]?.data?.count;
        if (old === undefined || all === undefined) return null;
        // The oldest go either way: what is too old and what is too much overlap.
        return Math.max(old, all - (max_records ?? 0), 0);
      }),
  });
}
