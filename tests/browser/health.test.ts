import { answerInstead } from "./support/answer-instead.ts";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";

const LATER = "0198c0de-7000-7000-8000-0000000000f1";

test.describe("health", () => {
  test("says how the ledger is, check by check and in figures", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/health");
    const main = page.getByRole("main");
    await expect(main.getByRole("heading", { name: "Healthy" })).toBeVisible();
    const checks = main.getByRole("region", { name: "Checks" });
    for (const name of ["Database", "Spool", "Disk space", "Integrity", "Backup"]) {
      await expect(checks.getByText(name, { exact: true })).toBeVisible();
    }
    const { count } = await demoHost.call("messages.count", {});
    const rows = main.getByRole("table", { name: "Rows per table" });
    await expect(rows.getByRole("row", { name: "message_logs" })).toContainText(
      count.toLocaleString("en-US"),
    );
    await expect(main.getByText(demoHost.dataDir, { exact: true })).toBeVisible();
    await expect(main.getByRole("meter", { name: "Disk used" })).toBeAttached();
  });

  test("proves that nothing was lost or altered", async ({ open, host }) => {
    const { count } = await host.call("messages.count", {});
    const page = await open(host, "/health");
    const conservation = page.getByRole("region", { name: "Conservation" });
    await expect(conservation.getByText("Balanced")).toBeVisible();
    await expect(conservation.getByRole("definition").first()).toHaveText(count.toLocaleString("en-US"));
    const chain = page.getByRole("region", { name: "Chain" });
    await expect(chain.getByText("Not verified yet")).toBeVisible();
    await page.getByRole("button", { name: "Verify now" }).click();
    await expect(chain.getByText("Intact")).toBeVisible();
    const { head } = (await host.call("health.get", {})).chain;
    await expect(chain.getByText(head?.sha256 ?? "")).toBeVisible();
  });

  test("tells what does not add up, and which group of the chain does not hold", async ({
    open,
    pageOf,
    host,
  }) => {
    const page = await pageOf(host);
    const health = await host.call("health.get", {});
    const broken = {
      ...health,
      conservation: {
        ...health.conservation,
        stored: health.conservation.stored - 3,
        balanced: false,
        mismatch_ids: ["group 7"],
      },
      chain: {
        ...health.chain,
        state: "broken" as const,
        first_broken: { group: 7, message: "a record was altered" },
      },
    };
    await answerInstead(page, host, "health.get", broken);
    await open(host, "/health");
    const conservation = page.getByRole("region", { name: "Conservation" });
    await expect(conservation.getByText("Does not add up")).toBeVisible();
    await expect(conservation.getByRole("alert")).toContainText("3 accepted messages can't be found.");
    await expect(conservation.getByText("group 7")).toBeVisible();
    await expect(page.getByRole("region", { name: "Chain" }).getByRole("alert")).toContainText(
      "Group 7 does not hold: a record was altered.",
    );
    await expectAccessible(page);
  });

  test("checks the whole ledger and vacuums it, and tells how each ended", async ({ open, host }) => {
    const page = await open(host, "/health");
    const upkeep = page.getByRole("region", { name: "Upkeep" });
    await upkeep.getByRole("button", { name: "Check", exact: true }).click();
    await expect(upkeep.getByText(/no damage was found/)).toBeVisible();
    await upkeep.getByRole("button", { name: "Vacuum" }).click();
    await expect(upkeep.getByText(/given back to the disk/)).toBeVisible();
    const jobs = page.getByRole("region", { name: "Recent jobs" });
    await expect(jobs.getByText(/^Integrity check done/)).toBeVisible();
    await expect(jobs.getByText(/^Vacuum done/)).toBeVisible();
  });

  test("goes back to a backup, and keeps the state before", async ({ open, host }) => {
    const page = await open(host, "/health");
    const upkeep = page.getByRole("region", { name: "Upkeep" });
    await upkeep.getByRole("button", { name: "Back up" }).click();
    await expect(upkeep.getByText(/Backed up and verified/)).toBeVisible();
    const { count: before } = await host.call("messages.count", {});
    await host.log({ message_uuid: LATER, content_preview: "sent after the backup" });

    const backups = page.getByRole("region", { name: "Backups" });
    await expect(backups.getByRole("listitem")).toHaveCount(1);
    await upkeep.getByRole("button", { name: "Restore" }).click();
    const chooser = page.getByRole("dialog", { name: "Restore a backup" });
    await expect(chooser.getByRole("radio")).toHaveCount(1);
    await chooser.getByRole("button", { name: "Continue" }).click();
    const question = page.getByRole("alertdialog", { name: /Restore the backup of/ });
    await expect(question).toContainText("The state before is kept");
    await question.getByRole("button", { name: "Restore" }).click();
    await expect(page.getByRole("region", { name: "Recent jobs" }).getByText(/^Restore done/)).toBeVisible();

    expect((await host.call("messages.count", {})).count).toBe(before);
    await expect(host.call("messages.get", { message_uuid: LATER })).rejects.toThrow();
    await expect(backups.getByRole("listitem")).toHaveCount(2);
  });

  test("repairs the ledger after a question, without losing a message", async ({ open, host }) => {
    const { count } = await host.call("messages.count", {});
    const page = await open(host, "/health");
    const upkeep = page.getByRole("region", { name: "Upkeep" });
    await upkeep.getByRole("button", { name: "Repair" }).click();
    const question = page.getByRole("alertdialog", { name: "Repair the ledger?" });
    await question.getByRole("button", { name: "Cancel" }).click();
    await expect(question).toBeHidden();
    await upkeep.getByRole("button", { name: "Repair" }).click();
    await question.getByRole("button", { name: "Repair" }).click();
    await expect(page.getByRole("region", { name: "Recent jobs" }).getByText(/^Repair done/)).toBeVisible();
    expect((await host.call("messages.count", {})).count).toBe(count);
  });

  test("shows a job that another program started", async ({ open, host }) => {
    const page = await open(host, "/health");
    await host.call("jobs.backup", {});
    await expect(page.getByRole("region", { name: "Recent jobs" }).getByText(/^Backup done/)).toBeVisible();
    await expect(page.getByRole("region", { name: "Backups" }).getByRole("listitem")).toHaveCount(1);
  });
});
