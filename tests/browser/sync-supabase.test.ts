import { newId } from "../../src-shared/new-id.ts";
import { hasPostgres, type Postgres, startPostgres } from "../support/postgres.ts";
import { type Project, startProject } from "../support/postgrest/project.ts";
import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";
import { card, expectSum, messages, SYNC_MS, writeSecrets } from "./support/forwarding.ts";

test.describe("sync with Supabase", () => {
  test.describe.configure({ timeout: SYNC_MS });
  test.skip(!hasPostgres, "PostgreSQL is not installed");
  let postgres: Postgres;
  let project: Project;
  test.beforeAll(async () => {
    postgres = await startPostgres();
  });
  test.beforeEach(async () => {
    project = await startProject(postgres);
  });
  test.afterEach(() => project?.stop());
  test.afterAll(() => postgres?.stop());

  test("parked records are seen, edited and retried; everything else goes on", async ({
    start,
    open,
    pageOf,
    folder,
  }) => {
    await project.query("ALTER TABLE message_logs ADD CONSTRAINT no_poison CHECK (topic <> 'poison')");
    await writeSecrets(folder, supabaseEnvironment(project));
    const host = await start(folder);
    const answers = await host.listen(await pageOf(host));
    const ids = [newId(), newId(), newId()];
    try {
      await host.log(
        ...messages(2),
        ...ids.map((message_uuid) => ({ message_uuid, topic: "poison" })),
        ...messages(2),
      );
      const page = await open(host, "/sync");
      const sink = card(page, "Supabase");
      await expectSum(page, "Supabase", { accepted: 7, delivered: 4, waiting: 0, parked: 3 });
      await expect(sink.getByText(/3 changes are parked/)).toBeVisible();
      await expect(page.getByRole("link", { name: "Forwarding: 3 parked" })).toBeVisible();
      const parked = page.getByRole("region", { name: "Parked" });
      const rows = parked.getByRole("row").filter({ hasText: "no_poison" });
      await expect(rows).toHaveCount(3);
      await expectAccessible(page);
      await page.setViewportSize({ width: 390, height: 780 });
      await expectAccessible(page);
      await page.setViewportSize({ width: 1440, height: 900 });

      const [edited = "", ...others] = ids;
      await parked.getByRole("button", { name: `Edit message ${edited}, revision 1` }).click();
      const dialog = page.getByRole("dialog", { name: "What Supabase gets of this message" });
      const editor = dialog.getByRole("textbox", { name: "The record as JSON" });
      const body = JSON.parse(await editor.inputValue());
      await editor.fill('{\n  "topic": ,\n}');
      await expect(dialog.getByText(/not valid JSON/)).toBeVisible();
      await expect(dialog.getByRole("button", { name: "Save and send" })).toBeDisabled();
      await expectAccessible(page);
      await editor.fill(JSON.stringify({ ...body, topic: 7 }));
      await dialog.getByRole("button", { name: "Save and send" }).click();
      await expect(dialog.getByText(/^topic: /)).toBeVisible();
      await editor.fill(JSON.stringify({ ...body, message_uuid: newId(), topic: "cure" }));
      await dialog.getByRole("button", { name: "Save and send" }).click();
      await expect(dialog.getByText(/The id and the revision stay as they are/)).toBeVisible();
      await editor.fill(JSON.stringify({ ...body, topic: "cure" }));
      await dialog.getByRole("button", { name: "Save and send" }).click();
      await expect(dialog).toBeHidden();
      await expect(rows).toHaveCount(2);
      expect(await topicOf(edited)).toBe("cure");
      expect((await host.call("messages.get", { message_uuid: edited })).message.topic).toBe("poison");

      // One that is still refused stays, with one more try.
      const [one = "", other = ""] = others;
      const row = rows.filter({ hasText: one });
      await row.getByRole("checkbox").click();
      await parked.getByRole("button", { name: "Retry 1 selected" }).click();
      await expect(page.getByText("1 change on the way again", { exact: true })).toBeVisible();
      await expect(row.getByRole("cell", { name: "2", exact: true })).toBeVisible();

      await row.getByRole("link", { name: one }).click();
      const drawer = page.getByRole("dialog");
      await expect(drawer.getByText("Parked", { exact: true })).toBeVisible();
      await drawer.getByRole("link", { name: "Open Sync" }).click();
      await project.query("ALTER TABLE message_logs DROP CONSTRAINT no_poison");
      await parked.getByRole("button", { name: "Retry all 2" }).click();
      await expect(page.getByText("Nothing is parked")).toBeVisible();
      expect(await topicOf(other)).toBe("poison");
      await expectSum(page, "Supabase", { accepted: 7, delivered: 7, waiting: 0, parked: 0 });
      const key = project.options.key;
      expect((await answers()).filter((text) => text.includes(key))).toEqual([]);
    } finally {
      await host.stop();
    }
  });

  test("a comparison finds what is missing there, and sends it", async ({ start, open, folder }) => {
    await writeSecrets(folder, supabaseEnvironment(project));
    const host = await start(folder);
    try {
      await host.log(...messages(30));
      const page = await open(host, "/sync");
      await expectSum(page, "Supabase", { accepted: 30, delivered: 30, waiting: 0, parked: 0 });
      const compare = page.getByRole("region", { name: "Is Supabase complete?" });
      await compare.getByRole("button", { name: "Compare now" }).click();
      await expect(compare.getByText(/Supabase has all of them as they are here/)).toBeVisible();

      const [gone] = await project.query<{ message_uuid: string }>(
        "DELETE FROM message_logs WHERE message_uuid = (SELECT min(message_uuid::text)::uuid FROM message_logs) RETURNING message_uuid",
      );
      await compare.getByRole("button", { name: "Compare now" }).click();
      await expect(compare.getByText(/is sent again: 1 message and 0 sessions/)).toBeVisible();
      await expect.poll(() => topicOf(gone?.message_uuid ?? "")).toBe("hello");
      expect((await host.call("sync.status", {})).sinks[1]?.counts.balanced).toBe(true);
    } finally {
      await host.stop();
    }
  });

  async function topicOf(uuid: string): Promise<string | undefined> {
    const sql = "SELECT topic FROM message_logs WHERE message_uuid = $1";
    return (await project.query<{ topic: string }>(sql, [uuid]))[0]?.topic;
  }
});

function supabaseEnvironment({ options }: Project): Record<string, string> {
  return { SUPABASE_URL: options.url, SUPABASE_KEY: options.key };
}
