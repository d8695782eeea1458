import { mkdtemp, readdir, rm, utimes, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { withoutView, withView } from "../../src-main/api/saved-views.ts";
import { SettingsFile } from "../../src-main/api/settings-file.ts";
import { type View, viewProcedures } from "../../src-shared/contract/views.ts";

const view = (view_id: string, name: string, q = ""): View => ({ view_id, name, q, columns: null });

describe("the list of saved views", () => {
  test("is by name, as people sort them", () => {
    const views = [view("1", "zone 10"), view("2", "Zone 9")].reduce<View[]>(withView, []);
    expect(withView(views, view("3", "about")).map(({ name }) => name)).toEqual([
      "about",
      "Zone 9",
      "zone 10",
    ]);
  });

  test("takes a name once, in whatever case, and lets a view keep its own", () => {
    const views = [view("1", "Failed mail", "status:failed")];
    expect(() => withView(views, view("2", "failed MAIL"))).toThrow(/Failed mail/);
    expect(withView(views, view("1", "failed mail", "has:error"))).toEqual([
      view("1", "failed mail", "has:error"),
    ]);
  });

  test("ends at a hundred, and a change of one of them still goes", () => {
    const views = Array.from({ length: 100 }, (_, index) => view(String(index), `View ${index}`));
    expect(() => withView(views, view("new", "One more"))).toThrow(/100 views/);
    expect(withView(views, view("7", "Seven"))).toHaveLength(100);
  });

  test("says when the one to remove is gone", () => {
    expect(withoutView([view("1", "a"), view("2", "b")], "1")).toEqual([view("2", "b")]);
    expect(() => withoutView([], "1")).toThrow(/gone/);
  });

  test("a name has 1 to 80 characters besides spaces around it", () => {
    const { input } = viewProcedures["views.save"];
    expect(input.parse({ name: "  mine ", q: "" })).toEqual({ name: "mine", q: "", columns: null });
    expect(input.safeParse({ name: "  ", q: "" }).success).toBe(false);
    expect(input.safeParse({ name: "x".repeat(81), q: "" }).success).toBe(false);
  });
});

describe("in the settings file", () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), "waybill-views-"));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  const open = () => new SettingsFile(folder, () => undefined);
  const add = (settings: SettingsFile, id: string) =>
    settings.update(({ views }) => ({ views: withView(views, view(id, `View ${id}`)) }));

  test("two writers lose nothing of each other", async () => {
    const writers = [open(), open(), open()];
    const ids = Array.from({ length: 24 }, (_, index) => String(index));
    await Promise.all(ids.map((id, index) => add(writers[index % 3] as SettingsFile, id)));
    const { views } = await open().get();
    expect(views.map(({ view_id }) => view_id)).toEqual(ids);
    expect(await readdir(folder)).toEqual(["config.json"]);
  });

  test("a change that is refused leaves the file as it was and lets the next one go", async () => {
    const settings = open();
    await add(settings, "1");
    await expect(
      settings.update(({ views }) => ({ views: withView(views, view("2", "view 1")) })),
    ).rejects.toMatchObject({ code: "conflict" });
    expect((await add(settings, "3")).views).toHaveLength(2);
  });

  test("a lock that a dead process left behind is taken", async () => {
    const lock = join(folder, "config.json.lock");
    await writeFile(lock, "");
    await utimes(lock, new Date(0), new Date(0));
    expect((await add(open(), "1")).views).toHaveLength(1);
    expect(await readdir(folder)).toEqual(["config.json"]);
  });
});
