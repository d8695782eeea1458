import type { Job } from "../../src-shared/contract/upkeep.ts";
import type { Carrier } from "./carrier.ts";

/** Has the file of a finished job saved. The host gives each file out once. */
export function downloadFile(carrier: Carrier, job: Job): void {
  carrier.download(job);
}
