import { type ReactNode, useEffect, useMemo, useState, useSyncExternalStore } from "react";
import { useMutationProcedure, useProcedure } from "../api/hooks.ts";
import { useToast } from "../ui/toast.tsx";
import { applyTheme, onSystemTheme, rememberedTheme, rememberTheme, systemIsDark } from "./apply-theme.ts";
import { type Theme, ThemeContext, type ThemeState } from "./use-theme.ts";

export function ThemeProvider({ children }: { children: ReactNode }) {
  const toast = useToast();
  const stored = useProcedure("settings.get", {}).data?.theme;
  const { mutate } = useMutationProcedure("settings.set", {
    onError: (error) => toast.error(error, "The theme was not stored"),
  });
  const [chosen, setChosen] = useState<Theme | null>(null);
  const [remembered] = useState(rememberedTheme);
  const isDark = useSyncExternalStore(onSystemTheme, systemIsDark);
  const theme = chosen ?? stored ?? remembered;

  const resolved = theme === "system" ? (isDark ? "dark" : "light") : theme;

  useEffect(() => applyTheme(resolved), [resolved]);
  useEffect(() => rememberTheme(theme), [theme]);

  // Another window's choice wins over an older one of this window.
  useEffect(() => {
    if (stored !== undefined) setChosen(null);
  }, [stored]);

  const state = useMemo<ThemeState>(
    () => ({
      theme,
      resolved,
      setTheme: (next) => {
        setChosen(next);
        mutate({ theme: next });
      },
    }),
    [theme, resolved, mutate],
  );
  return <ThemeContext value={state}>{children}</ThemeContext>;
}
