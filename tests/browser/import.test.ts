import { readFile } from "node:fs/promises";
import { expect, type Page, test } from "./support/fixtures.ts";
import { expectMessages } from "./support/messages-grid.ts";
import { openPage } from "./support/open-page.ts";

test.use({ ledger: "empty" });

async function chooseFile(page: Page, name: string, text: string): Promise<void> {
  const chooser = page.waitForEvent("filechooser");
  await page.getByRole("button", { name: "Choose a file" }).click();
  await (await chooser).setFiles({ name, mimeType: "text/csv", buffer: Buffer.from(text) });
}

function questions(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) => `"Where is my card, number ${index}?",card_arrival`,
  );
  return `text,category\n${rows.join("\n")}\n`;
}

test("a CSV of other columns is mapped and imported", async ({ page, host }) => {
  await openPage(page, host, "/");
  await chooseFile(page, "questions.csv", questions(250));
  const dialog = page.getByRole("dialog", { name: "Import messages" });
  await expect(dialog.getByRole("combobox", { name: "Field for the column text" })).toContainText("Text");
  await expect(dialog.getByRole("combobox", { name: "Field for the column category" })).toContainText(
    "Topic",
  );
  await dialog.getByRole("textbox", { name: /Channel/ }).fill("chat");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(dialog.getByText(/250/).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).last().click();

  await page.goto(`${host.url}/messages?q=topic:card_arrival channel:chat`);
  await expectMessages(page, 250);
  const { messages } = await host.call("messages.search", { q: '"number 249"' });
  expect(messages.map(({ content_preview }) => content_preview)).toEqual(["Where is my card, number 249?"]);
});

test("rows that can't be taken come back with the reason", async ({ page, host }) => {
  const rows = [
    "channel,status,content_preview",
    "email,sent,good one",
    "email,nonsense,bad one",
    "sms,sent,good two",
  ];
  await openPage(page, host, "/");
  await chooseFile(page, "mixed.csv", rows.join("\n"));
  const dialog = page.getByRole("dialog", { name: "Import messages" });
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  const downloaded = page.waitForEvent("download");
  await dialog.getByRole("button", { name: "Rejected rows" }).click();
  const rejects = await readFile(await (await downloaded).path(), "utf8");
  expect(rejects).toContain("bad one");
  expect(rejects).toContain("status");
  expect(rejects).not.toContain("good");
  expect((await host.call("messages.count", {})).count).toBe(2);
});
