import type { ReadableDatabase } from "../../src-main/ledger/open.ts";

export type Plan = { sql: string; steps: string[] };

/**
 * The plan of every statement that some reading code runs, taken with the parameters it runs them with:
 * it is given a connection whose `prepare` notes what is executed.
 */
export function plansOf(database: ReadableDatabase, read: (database: ReadableDatabase) => unknown): Plan[] {
  const plans: Plan[] = [];
  const note = (sql: string, parameters: unknown[]): void => {
    const steps = database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...parameters) as { detail: string }[];
    plans.push({ sql: sql.replace(/\s+/g, " "), steps: steps.map(({ detail }) => detail) });
  };
  const spied = new Proxy(database, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (name !== "prepare") return typeof value === "function" ? value.bind(target) : value;
      return (sql: string) => spyOn(target.prepare(sql), sql, note);
    },
  });
  read(spied);
  return plans;
}

function spyOn<S extends object>(
  statement: S,
  sql: string,
  note: (sql: string, parameters: unknown[]) => void,
): S {
  const spied: S = new Proxy(statement, {
    get(target, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return (...args: unknown[]) => {
        if (name === "all" || name === "get" || name === "iterate") note(sql, args);
        const result: unknown = value.apply(target, args);
        return result === target ? spied : result;
      };
    },
  });
  return spied;
}

/** The steps of the statements that read a table. */
export function stepsOn(plans: readonly Plan[], table: string): string[] {
  return plans.filter(({ sql }) => sql.includes(table)).flatMap(({ steps }) => steps);
}
