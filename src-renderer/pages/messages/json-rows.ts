/** Children shown of one object or array before the rest waits behind a "more" row. */
export const CHILDREN_SHOWN = 100;

export type JsonRow = {
  /** Keys from the root, as a JSON pointer; unique in the tree. */
  path: string;
  parent: string | null;
  name: string;
  level: number;
  position: number;
  setSize: number;
  kind: "object" | "array" | "string" | "number" | "boolean" | "null" | "more";
  /** The value as text; what is inside, for a branch. */
  text: string;
  expandable: boolean;
  expanded: boolean;
};

export type JsonTreeState = {
  expanded: ReadonlySet<string>;
  /** How many children are shown, where more than the first were asked for. */
  shown: ReadonlyMap<string, number>;
};

type Branch = Record<string, unknown> | readonly unknown[];

function isBranch(value: unknown): value is Branch {
  return typeof value === "object" && value !== null;
}

function kindOf(value: unknown): JsonRow["kind"] {
  if (value === null || value === undefined) return "null";
  if (Array.isArray(value)) return "array";
  const type = typeof value;
  return type === "string" || type === "number" || type === "boolean" ? type : "object";
}

function textOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 1 ? "1 item" : `${value.length} items`;
  if (isBranch(value)) {
    const { length } = Object.keys(value);
    return length === 1 ? "1 field" : `${length} fields`;
  }
  return JSON.stringify(value) ?? "null";
}

export function childPath(parent: string, key: string): string {
  return `${parent}/${key.replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The rows of a tree that are open to view; `root` itself is not one of them. */
export function jsonRows(root: Branch, state: JsonTreeState): JsonRow[] {
  const rows: JsonRow[] = [];
  const visit = (branch: Branch, path: string, level: number): void => {
    const entries = Object.entries(branch);
    const shown = Math.min(entries.length, state.shown.get(path) ?? CHILDREN_SHOWN);
    const more = entries.length - shown;
    const setSize = shown + (more > 0 ? 1 : 0);
    const parent = path === "" ? null : path;
    for (const [index, [name, value]] of entries.slice(0, shown).entries()) {
      const own = childPath(path, name);
      const expandable = isBranch(value) && Object.keys(value).length > 0;
      const expanded = expandable && state.expanded.has(own);
      rows.push({
        path: own,
        parent,
        name,
        level,
        position: index + 1,
        setSize,
        kind: kindOf(value),
        text: textOf(value),
        expandable,
        expanded,
      });
      if (expanded) visit(value, own, level + 1);
    }
    if (more > 0) {
      rows.push({
        path: `${path}/~more`,
        parent,
        name: "",
        level,
        position: setSize,
        setSize,
        kind: "more",
        text: `Show ${Math.min(more, CHILDREN_SHOWN)} of ${more} more`,
        expandable: false,
        expanded: false,
      });
    }
  };
  visit(root, "", 1);
  return rows;
}

/** The branches worth opening at first: all of a small tree, the top level of a large one. */
export function initiallyExpanded(root: Branch, most = 40): Set<string> {
  const expanded = new Set<string>();
  let level: [string, Branch][] = [["", root]];
  let rows = 0;
  while (level.length > 0) {
    const below: [string, Branch][] = [];
    for (const [path, branch] of level) {
      const entries = Object.entries(branch);
      rows += Math.min(entries.length, CHILDREN_SHOWN);
      for (const [name, value] of entries.slice(0, CHILDREN_SHOWN)) {
        if (isBranch(value)) below.push([childPath(path, name), value]);
      }
    }
    const next = below.reduce(
      (sum, [, branch]) => sum + Math.min(Object.keys(branch).length, CHILDREN_SHOWN),
      0,
    );
    if (rows + next > most) break;
    for (const [path] of below) expanded.add(path);
    level = below;
  }
  return expanded;
}
