import type { LucideIcon } from "lucide-react";
import { Tabs as RadixTabs } from "radix-ui";
import type { ReactNode } from "react";
import { formatNumber } from "./format.ts";
import styles from "./tabs.module.css";

export type Tab = {
  value: string;
  label: string;
  icon?: LucideIcon | undefined;
  count?: number | undefined;
  content: ReactNode;
};

export type TabsProps = {
  label: string;
  value: string;
  onValueChange: (value: string) => void;
  tabs: readonly Tab[];
};

export function Tabs({ label, value, onValueChange, tabs }: TabsProps) {
  return (
    <RadixTabs.Root value={value} onValueChange={onValueChange}>
      <RadixTabs.List aria-label={label} className={styles.list}>
        {tabs.map((tab) => (
          <RadixTabs.Trigger className={styles.tab} key={tab.value} value={tab.value}>
            {tab.icon && <tab.icon aria-hidden size={14} />}
            {tab.label}
            {tab.count !== undefined && <span className={styles.count}>{formatNumber(tab.count)}</span>}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      {tabs.map((tab) => (
        <RadixTabs.Content key={tab.value} value={tab.value}>
          {tab.content}
        </RadixTabs.Content>
      ))}
    </RadixTabs.Root>
  );
}
