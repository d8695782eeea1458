import { expectAccessible } from "./support/axe.ts";
import { expect, test } from "./support/fixtures.ts";

const PAGES = [
  { path: "/", title: "Overview" },
  { path: "/messages", title: "Messages" },
  { path: "/failures", title: "Failures" },
  { path: "/sessions", title: "Sessions" },
  { path: "/sessions/:id", title: "Session" },
  { path: "/analytics", title: "Analytics" },
  { path: "/compare", title: "Compare" },
  { path: "/compare?what=sessions", title: "Compare" },
  { path: "/sync", title: "Sync" },
  { path: "/system-log", title: "System log" },
  { path: "/health", title: "Health" },
  { path: "/settings", title: "Settings" },
] as const;

const WIDTHS_PX = [360, 768, 1440, 2560];

for (const { path, title } of PAGES) {
  test(`${title} (${path}) is whole in both themes and at every width`, async ({
    open,
    pageOf,
    demoHost,
  }) => {
    const page = await pageOf(demoHost);
    // axe looks three times at pages of a thousand elements.
    test.slow();
    const troubles: string[] = [];
    page.on("pageerror", (error) => troubles.push(error.message));
    page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warning")
        troubles.push(message.text().slice(0, 300));
    });
    const { sessions } = await demoHost.call("sessions.list", { limit: 2 });
    const session = sessions[1];
    await open(demoHost, path.replace(":id", session?.session_id ?? ""));
    const name = title === "Session" ? (session?.template_name ?? "") : title;
    await expect(page).toHaveTitle(`${name} · Waybill`);
    await expect(page.getByRole("heading", { level: 1 })).toContainText(name);

    for (const colorScheme of ["light", "dark"] as const) {
      await page.emulateMedia({ colorScheme });
      await expect(page.locator("html")).toHaveAttribute("data-theme", colorScheme);
      await expectAccessible(page);
    }
    for (const width of WIDTHS_PX) {
      await page.setViewportSize({ width, height: 900 });
      await expect.poll(() => overflow(page)).toBe(0);
    }
    await page.setViewportSize({ width: 360, height: 780 });
    await expectAccessible(page);
    expect(troubles).toEqual([]);
  });
}

/** Pixels by which the page, or its main part, is wider than it should be. */
function overflow(page: import("@playwright/test").Page): Promise<number> {
  return page.evaluate(() =>
    Math.max(
      ...[document.documentElement, document.querySelector("main")].map((element) =>
        element === null ? 0 : element.scrollWidth - element.clientWidth,
      ),
    ),
  );
}
