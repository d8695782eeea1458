import {
  CircleHelp,
  DatabaseBackup,
  KeyRound,
  Minimize2,
  Moon,
  ShieldCheck,
  Sun,
  Upload,
} from "lucide-react";
import type { ProcedureName } from "../../src-shared/contract/index.ts";
import { useClient } from "../api/client.ts";
import { useNavigate } from "../shell/navigation.ts";
import { useTheme } from "../theme/use-theme.ts";
import { useShortcutList } from "../ui/shortcuts.tsx";
import { useToast } from "../ui/toast.tsx";
import type { Command } from "./command.ts";

type StartName = Extract<ProcedureName, "jobs.backup" | "jobs.check" | "jobs.vacuum">;

/** What can be done from any page. */
export function useActionCommands(onImport: () => void): readonly Command[] {
  const client = useClient();
  const navigate = useNavigate();
  const toast = useToast();
  const { resolved, setTheme } = useTheme();
  const help = useShortcutList().findLast(({ keys }) => keys === "?");
  const otherTheme = resolved === "dark" ? "light" : "dark";

  /** Its progress and end are told on the Health page. */
  async function start(name: StartName) {
    try {
      await client.call(name, {});
      navigate("/health");
    } catch (error) {
      toast.error(error);
    }
  }

  async function copyToken() {
    try {
      const { token } = await client.call("access.get", {});
      await navigator.clipboard.writeText(token);
      toast.show({ title: "Token copied", tone: "success" });
    } catch (error) {
      toast.error(error, "The token was not copied");
    }
  }

  return [
    {
      id: "backup",
      label: "Back up now",
      keywords: "backup save copy",
      icon: DatabaseBackup,
      run: () => void start("jobs.backup"),
    },
    {
      id: "check",
      label: "Check integrity",
      keywords: "verify health",
      icon: ShieldCheck,
      run: () => void start("jobs.check"),
    },
    {
      id: "vacuum",
      label: "Vacuum",
      keywords: "free space shrink",
      icon: Minimize2,
      run: () => void start("jobs.vacuum"),
    },
    {
      id: "import",
      label: "Import a file…",
      keywords: "csv json ndjson upload load",
      icon: Upload,
      run: onImport,
      staysOpen: true,
    },
    {
      id: "theme",
      label: `Switch to the ${otherTheme} theme`,
      keywords: "dark light toggle appearance",
      icon: resolved === "dark" ? Sun : Moon,
      run: () => setTheme(otherTheme),
    },
    {
      id: "token",
      label: "Copy the API token",
      keywords: "key access secret",
      icon: KeyRound,
      run: () => void copyToken(),
    },
    ...(help === undefined ? [] : [helpCommand(help.run)]),
  ];
}

function helpCommand(run: () => void): Command {
  return { id: "help", label: "Keyboard shortcuts", keywords: "help keys", icon: CircleHelp, keys: "?", run };
}
