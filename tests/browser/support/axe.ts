import AxeBuilder from "@axe-core/playwright";
import { expect, type Page } from "@playwright/test";

const WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"];

/** Fails with each rule that the page breaks, WCAG's and best practices, and where. */
export async function expectAccessible(page: Page): Promise<void> {
  expectNone(await axe(page).analyze());
}

/**
 * For an open menu or list, which is all that can be used while it is there: WCAG's rules, inside of
 * it. Of the page behind it axe would say that it is hidden, and of itself that it is in no landmark.
 */
export async function expectPopupAccessible(page: Page, selector: string): Promise<void> {
  expectNone(await axe(page).include(selector).withTags(WCAG).analyze());
}

/**
 * All of its rules, but in the page itself instead of a second one (there are no foreign frames, and a window of the
 * desktop has no second page), and without describing the thousands of elements that pass.
 */
function axe(page: Page): AxeBuilder {
  return new AxeBuilder({ page })
    .setLegacyMode()
    .options({ resultTypes: ["violations"], selectors: false, ancestry: false });
}

function expectNone({ violations }: Awaited<ReturnType<AxeBuilder["analyze"]>>): void {
  const found = violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(" | ")}`,
  );
  expect(found).toEqual([]);
}
