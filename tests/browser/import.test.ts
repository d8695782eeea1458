import { chooseFile, expectFile } from "./support/files.ts";
import { expect, test } from "./support/fixtures.ts";
import { expectMessages } from "./support/messages-grid.ts";

test.use({ ledger: "empty" });

function questions(count: number): string {
  const rows = Array.from(
    { length: count },
    (_, index) => `"Where is my card, number ${index}?",card_arrival`,
  );
  return `text,category\n${rows.join("\n")}\n`;
}

test("a CSV of other columns is mapped and imported", async ({ open, host }) => {
  const page = await open(host, "/");
  await chooseFile(page, host, "questions.csv", questions(250));
  const dialog = page.getByRole("dialog", { name: "Import messages" });
  await expect(dialog.getByRole("combobox", { name: "Field for the column text" })).toContainText("Text");
  await expect(dialog.getByRole("combobox", { name: "Field for the column category" })).toContainText(
    "Topic",
  );
  await dialog.getByRole("textbox", { name: /Channel/ }).fill("chat");
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  await expect(dialog.getByText(/250/).first()).toBeVisible();
  await dialog.getByRole("button", { name: "Close" }).last().click();

  await open(host, `/messages?q=topic:card_arrival channel:chat`);
  await expectMessages(page, 250);
  const { messages } = await host.call("messages.search", { q: '"number 249"' });
  expect(messages.map(({ content_preview }) => content_preview)).toEqual(["Where is my card, number 249?"]);
});

test("rows that can't be taken come back with the reason", async ({ open, host }) => {
  const rows = [
    "channel,status,content_preview",
    "email,sent,good one",
    "email,nonsense,bad one",
    "sms,sent,good two",
  ];
  const page = await open(host, "/");
  await chooseFile(page, host, "mixed.csv", rows.join("\n"));
  const dialog = page.getByRole("dialog", { name: "Import messages" });
  await dialog.getByRole("button", { name: "Import", exact: true }).click();
  const file = await expectFile(page, host);
  await dialog.getByRole("button", { name: "Rejected rows" }).click();
  const rejects = (await file()).text;
  expect(rejects).toContain("bad one");
  expect(rejects).toContain("status");
  expect(rejects).not.toContain("good");
  expect((await host.call("messages.count", {})).count).toBe(2);
});
