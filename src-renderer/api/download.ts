import type { Job } from "../../src-shared/contract/upkeep.ts";
import type { Carrier } from "./carrier.ts";

/** Has the browser save the file of a finished job. The host gives each file out once. */
export function downloadFile(carrier: Carrier, job: Job): void {
  const link = document.createElement("a");
  link.href = carrier.downloadUrl(job.job_id);
  link.download = job.file_name ?? "";
  link.click();
}
