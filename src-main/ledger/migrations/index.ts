import type { WritableDatabase } from "../open.ts";
import { records } from "./0001-records.ts";
import { proof } from "./0002-proof.ts";
import { sync } from "./0003-sync.ts";
import { facts } from "./0004-facts.ts";

export type Migration = {
  /** `user_version` once it has run; versions rise without gaps. */
  version: number;
  name: string;
  up: (database: WritableDatabase) => void;
};

export const MIGRATIONS: readonly Migration[] = [records, proof, sync, facts];
