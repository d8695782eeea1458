import { useLocation } from "wouter";
import { Page } from "../ui/page.tsx";
import { SkeletonRows } from "../ui/states.tsx";
import { isAt, NAVIGATION } from "./navigation.ts";

/** While a page's code is on its way: its title, and about what most pages look like. */
export function PageSkeleton() {
  const [path] = useLocation();
  const title = NAVIGATION.find((destination) => isAt(destination, path))?.label ?? "Waybill";
  return (
    <Page title={title}>
      <SkeletonRows rows={8} />
    </Page>
  );
}
