import { ExternalLink as ExternalLinkIcon, type LucideIcon } from "lucide-react";
import type { ReactNode } from "react";
import { buttonClass } from "../../ui/button.tsx";

/** A page of the host that is not part of the UI, in a tab of its own. */
export function ExternalLink({
  href,
  icon: Icon,
  children,
}: {
  href: string;
  icon: LucideIcon;
  children: ReactNode;
}) {
  return (
    <a className={buttonClass()} href={href} target="_blank" rel="noreferrer">
      <Icon size={15} aria-hidden />
      {children}
      <ExternalLinkIcon size={13} aria-label="(opens in a new tab)" />
    </a>
  );
}
