import type { RecipientOutcome } from "../../src-shared/contract/sessions.ts";
import type { Session } from "../../src-shared/session.ts";
import { exportFile, readCsv } from "./support/exported-file.ts";
import { expectFile } from "./support/files.ts";
import { expect, test } from "./support/fixtures.ts";
import type { Host } from "./support/host.ts";

/** A session of the sample in which some recipients got nothing. */
async function failedSession(host: Host): Promise<{ session: Session; missed: RecipientOutcome[] }> {
  const { sessions } = await host.call("sessions.list", { limit: 100 });
  for (const session of sessions) {
    const { recipients } = await host.call("sessions.undelivered", {
      session_id: session.session_id,
      limit: 1000,
    });
    if (recipients.length > 3) return { session, missed: recipients };
  }
  throw new Error("Everyone in the sample got everything");
}

function sessionName({ template_name, session_id }: Session): string {
  return template_name ?? session_id;
}

test.describe("sessions", () => {
  test("are listed, found and opened", async ({ open, demoHost }) => {
    const { sessions } = await demoHost.call("sessions.list", { limit: 100 });
    const { session } = await failedSession(demoHost);
    const page = await open(demoHost, "/sessions");
    const grid = page.getByRole("grid", { name: "Sessions, newest first" });
    await expect(grid).toHaveAttribute("aria-rowcount", String(sessions.length + 1));
    await page.keyboard.press("/");
    await page.keyboard.type(session.session_id);
    await expect(grid).toHaveAttribute("aria-rowcount", "2");
    await page.keyboard.press("Tab");
    await page.keyboard.press("j");
    await page.keyboard.press("Enter");
    await expect(page).toHaveURL(new RegExp(`/sessions/${session.session_id}$`));
    await page.goBack();
    await expect(page).toHaveURL(/\/sessions\?text=/);
    await expect(grid).toHaveAttribute("aria-rowcount", "2");
  });

  test("show their figures, steps and errors", async ({ open, demoHost }) => {
    const { session } = await failedSession(demoHost);
    const page = await open(demoHost, `/sessions/${session.session_id}`);
    await expect(page.getByRole("heading", { level: 1, name: sessionName(session) })).toBeVisible();
    const numbers = page.getByRole("region", { name: "Numbers" });
    const figure = (name: string) => numbers.getByRole("link").filter({ hasText: name });
    await expect(figure(session.total.toLocaleString("en-US")).first()).toBeVisible();
    const errors = page.getByRole("region", { name: "Errors" }).getByRole("listitem");
    await expect(errors).toHaveCount(session.errors.length);
    await expect(errors.first()).toContainText(session.errors[0]?.text ?? "");
  });

  test("who did not get it is listed and exported in one click", async ({ open, demoHost }) => {
    const { session, missed } = await failedSession(demoHost);
    const page = await open(demoHost, `/sessions/${session.session_id}`);
    const list = page.getByRole("grid", { name: "Recipients without a success" });
    await expect(list).toHaveAttribute("aria-rowcount", String(missed.length + 1));
    await expect(list.getByRole("row").nth(1)).toContainText(missed[0]?.recipient ?? "");

    const file = await expectFile(page, demoHost);
    await page.getByRole("button", { name: "Export who did not get it" }).click();
    const rows = readCsv((await file()).text);
    expect(rows.map(({ recipient }) => recipient)).toEqual(missed.map(({ recipient }) => recipient));
    expect(rows.map(({ message_uuid }) => message_uuid)).toEqual(
      missed.map(({ message_uuid }) => message_uuid),
    );
  });

  test("a recipient without success leads to the message", async ({ open, demoHost }) => {
    const { session, missed } = await failedSession(demoHost);
    const page = await open(demoHost, `/sessions/${session.session_id}`);
    const list = page.getByRole("grid", { name: "Recipients without a success" });
    await list.getByRole("row").nth(1).click();
    await expect(page).toHaveURL(new RegExp(`message=${missed[0]?.message_uuid}`));
    await expect(page.getByRole("dialog")).toContainText(missed[0]?.recipient ?? "");
  });

  test("the list is exported as it is shown", async ({ open, demoHost }) => {
    const { sessions } = await demoHost.call("sessions.list", { limit: 100, text: "email" });
    const page = await open(demoHost, "/sessions?text=email");
    await expect(page.getByRole("grid")).toHaveAttribute("aria-rowcount", String(sessions.length + 1));
    const rows = readCsv((await exportFile(page, demoHost, "CSV")).text);
    expect(rows.map(({ session_id }) => session_id)).toEqual(sessions.map(({ session_id }) => session_id));
  });

  test("one that does not exist is said so", async ({ open, demoHost }) => {
    const page = await open(demoHost, "/sessions/no-such-session");
    await expect(page.getByText("There is no such session")).toBeVisible();
  });
});
