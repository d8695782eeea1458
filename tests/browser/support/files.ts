import { mkdtemp, readFile, rm, stat, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { basename, join } from "node:path";
import { expect, type Page } from "@playwright/test";
import type { Host } from "./host.ts";

export type ExportedFile = { name: string; text: string };

/**
 * To be called before what writes a file: a browser downloads it, the desktop asks where to save it. Gives the function
 * that waits for it.
 */
export async function expectFile(page: Page, { desktop }: Host): Promise<() => Promise<ExportedFile>> {
  if (desktop === null) {
    const downloaded = page.waitForEvent("download");
    return async () => {
      const download = await downloaded;
      return { name: download.suggestedFilename(), text: await readFile(await download.path(), "utf8") };
    };
  }
  const folder = await mkdtemp(join(tmpdir(), "waybill-saved-"));
  const target = join(folder, "saved");
  await desktop.saveTo(target);
  return async () => {
    const isThere = () =>
      stat(target).then(
        () => true,
        () => false,
      );
    await expect.poll(isThere).toBe(true);
    const text = await readFile(target, "utf8");
    await rm(folder, { recursive: true });
    return { name: basename(await desktop.offeredPath()), text };
  };
}

/** Chooses a file for the page, as from the disk. */
export async function chooseFile(page: Page, host: Host, name: string, text: string): Promise<void> {
  const path = join(host.dataDir, "..", name);
  await writeFile(path, text);
  await host.desktop?.noteChosen(name, path);
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file" }).click();
  await (await chooser).setFiles(path);
}
