import { createContext, useContext } from "react";
import type { ExportInput, Job } from "../../src-shared/contract/upkeep.ts";

export type Exports = {
  /** Starts an export; its file is downloaded as soon as it is there, whatever page is open then. */
  start(input: ExportInput): Promise<Job>;
};

export const ExportsContext = createContext<Exports | null>(null);

export function useExports(): Exports {
  const exports = useContext(ExportsContext);
  if (exports === null) throw new Error("useExports needs an ExportsProvider above it");
  return exports;
}
