import { Command as Cmdk } from "cmdk";
import { Search } from "lucide-react";
import { useState } from "react";
import type { Command } from "./command.ts";
import { CommandLine } from "./command-line.tsx";
import styles from "./command-palette.module.css";
import { matchCommands } from "./match-commands.ts";
import { PaletteFooter } from "./palette-footer.tsx";
import { useActionCommands } from "./use-action-commands.ts";
import { usePageCommands } from "./use-page-commands.ts";
import { useRecentCommands } from "./use-recent-commands.ts";
import { useSearchCommands } from "./use-search-commands.ts";
import { useSessionCommands } from "./use-session-commands.ts";
import { useViewCommands } from "./use-view-commands.ts";

type PaletteBodyProps = { onRun: (run: () => void) => void; onImport: () => void };

/** Of up to a hundred: typing finds the others. */
const VIEWS_SHOWN = 5;

type Group = { heading: string; commands: readonly Command[] };

export function PaletteBody({ onRun, onImport }: PaletteBodyProps) {
  const [typed, setTyped] = useState("");
  const { goTo, thisPage } = usePageCommands();
  const actions = useActionCommands(onImport);
  const search = useSearchCommands(typed);
  const recent = useRecentCommands();
  const sessions = useSessionCommands(typed);
  const views = useViewCommands();

  const commands: readonly Group[] = [
    { heading: "Recent", commands: typed === "" ? recent : [] },
    { heading: "Saved views", commands: matchCommands(views, typed).slice(0, VIEWS_SHOWN) },
    { heading: "Go to", commands: matchCommands(goTo, typed) },
    { heading: "This page", commands: matchCommands(thisPage, typed) },
    { heading: "Actions", commands: matchCommands(actions, typed) },
  ];
  // A UUID can only be a message; other words may be a command's name, and are searched for otherwise.
  const groups = [
    ...(search.isMessage ? [] : commands),
    ...(typed === "" ? [] : [search]),
    { heading: "Sessions", commands: sessions },
  ];

  return (
    <Cmdk label="Command palette" className={styles.body} shouldFilter={false} loop vimBindings={false}>
      <div className={styles.field}>
        <Search size={16} aria-hidden />
        <Cmdk.Input
          className={styles.input}
          value={typed}
          onValueChange={setTyped}
          placeholder="Search messages, go to a page, run an action"
        />
      </div>
      <Cmdk.List className={styles.list} label="Commands">
        {groups.map(({ heading, commands }) =>
          commands.length === 0 ? null : (
            <Cmdk.Group key={heading} heading={heading} className={styles.group}>
              {commands.map((command) => (
                <CommandLine
                  key={command.id}
                  command={command}
                  onSelect={() => (command.staysOpen ? command.run() : onRun(command.run))}
                />
              ))}
            </Cmdk.Group>
          ),
        )}
      </Cmdk.List>
      <PaletteFooter />
    </Cmdk>
  );
}
