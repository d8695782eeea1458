import { expect, type Page, test } from "./support/fixtures.ts";
import { expectMessages } from "./support/messages-grid.ts";

function queryOf(page: Page): string {
  return new URL(page.url()).searchParams.get("q") ?? "";
}

async function search(page: Page, q: string): Promise<void> {
  const field = page.getByRole("combobox", { name: "Search messages" });
  await field.fill(q);
  await field.press("Enter");
}

const menuItem = (page: Page, name: string | RegExp) => page.getByRole("menuitem", { name });

async function saveAs(page: Page, name: string): Promise<void> {
  await page.getByRole("button", { name: "Views" }).click();
  await menuItem(page, /^Save as a view/).click();
  const dialog = page.getByRole("dialog", { name: "Save as a view" });
  await dialog.getByRole("textbox", { name: "Name" }).fill(name);
  await dialog.getByRole("button", { name: "Save view" }).click();
}

test.describe("saved views", () => {
  test("a search is saved, found again in menu, sidebar and palette, updated, and deleted with undo", async ({
    open,
    host,
  }) => {
    const countOf = async (q: string) => (await host.call("messages.count", { q })).count;
    const page = await open(host, "/messages?q=status:failed");
    await saveAs(page, "Night watch");
    await expect(page.getByRole("button", { name: "Night watch" })).toBeVisible();
    expect((await host.call("settings.get", {})).views).toMatchObject([
      { name: "Night watch", q: "status:failed", columns: null },
    ]);

    // Narrowed, it is told as changed, and can be brought up to date.
    await search(page, "status:failed channel:sms");
    await expect(page.getByRole("button", { name: /Night watch\s*changed/ })).toBeVisible();
    await page.getByRole("button", { name: /Night watch/ }).click();
    await menuItem(page, "Update “Night watch” to this search").click();
    await expect(page.getByText("changed", { exact: true })).toHaveCount(0);

    await page.getByRole("link", { name: "Overview", exact: true }).click();
    await page.getByRole("list", { name: "Saved views" }).getByRole("link", { name: "Night watch" }).click();
    await expectMessages(page, await countOf("status:failed channel:sms"));
    expect(queryOf(page)).toBe("status:failed channel:sms");

    await page.keyboard.press("Control+k");
    await page.getByRole("combobox", { name: "Command palette" }).fill("night");
    await expect(page.getByRole("option", { name: /Night watch/ })).toBeVisible();
    await page.keyboard.press("Escape");

    await page.getByRole("button", { name: "Night watch" }).click();
    await menuItem(page, /^Rename or delete/).click();
    const dialog = page.getByRole("dialog", { name: "Saved views" });
    await dialog.getByRole("button", { name: "Rename Night watch" }).click();
    await dialog.getByRole("textbox", { name: "New name of Night watch" }).fill("Day watch");
    await dialog.getByRole("button", { name: "Rename", exact: true }).click();
    await dialog.getByRole("button", { name: "Delete Day watch" }).click();
    await expect(dialog.getByText("No view is left.")).toBeVisible();
    await dialog.getByRole("button", { name: "Done" }).click();
    await page.getByRole("button", { name: "Undo" }).click();
    await expect(page.getByRole("list", { name: "Saved views" }).getByText("Day watch")).toBeVisible();
    expect((await host.call("settings.get", {})).views).toMatchObject([
      { name: "Day watch", q: "status:failed channel:sms" },
    ]);
  });

  test("a name that is taken is told, and nothing is saved over", async ({ open, host }) => {
    await host.call("views.save", { name: "Mine", q: "has:error" });
    const page = await open(host, "/messages?q=channel:sms");
    await saveAs(page, "mine");
    const dialog = page.getByRole("dialog", { name: "Save as a view" });
    await expect(dialog.getByRole("alert")).toContainText("There is a view “Mine” already");
    expect((await host.call("settings.get", {})).views).toHaveLength(1);
  });

  test("a view brings its columns; what another window saves appears by itself", async ({ open, host }) => {
    const page = await open(host, "/messages");
    await host.call("views.save", { name: "Ids", q: "status:failed", columns: ["time", "uuid"] });
    await page.getByRole("list", { name: "Saved views" }).getByRole("link", { name: "Ids" }).click();
    await expect(page.getByRole("columnheader")).toHaveText(["Time", "UUID"]);
    await page.getByRole("button", { name: "Columns" }).click();
    await page.getByRole("menuitemcheckbox", { name: "Channel" }).click();
    await page.keyboard.press("Escape");
    await expect(page.getByRole("button", { name: /Ids\s*changed/ })).toBeVisible();
    // What the browser keeps for itself is not touched by it.
    await page.getByRole("button", { name: "Clear the search" }).click();
    await expect(page.getByRole("columnheader", { name: "Recipient" })).toBeVisible();
    await expect(page.getByRole("columnheader", { name: "UUID" })).toHaveCount(0);
  });
});

test.describe("filter chips", () => {
  test("a chip is excluded, kept alone, and removed by its menu and by the keys", async ({
    open,
    demoHost,
  }) => {
    const page = await open(demoHost, "/messages?q=status:failed channel:sms");
    const chip = (text: string) => page.getByRole("button", { name: text, exact: true });
    await chip("channel:sms").click();
    await menuItem(page, "Exclude instead").click();
    await expect.poll(() => queryOf(page)).toBe("status:failed -channel:sms");
    await chip("-channel:sms").click();
    await menuItem(page, "Only this").click();
    await expect.poll(() => queryOf(page)).toBe("-channel:sms");
    await chip("-channel:sms").press("Delete");
    await expect.poll(() => queryOf(page)).toBe("");
  });

  test("a value in the drawer's data becomes a chip", async ({ open, host }) => {
    await host.log({ channel: "probe", message_data: { order: { region: "north west" } } });
    const page = await open(host, "/messages?q=channel:probe");
    await page.getByText("probe").last().click();
    const drawer = page.getByRole("dialog");
    await drawer.getByRole("treeitem", { name: /region/ }).hover();
    await drawer.getByRole("button", { name: "Filter by this region" }).click();
    await expect.poll(() => queryOf(page)).toBe('channel:probe data.order.region:"north west"');
    await expectMessages(page, 1);
  });
});
