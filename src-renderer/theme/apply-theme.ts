import type { Theme } from "./use-theme.ts";

const STORAGE_KEY = "waybill.theme";
const DARK = "(prefers-color-scheme: dark)";

export const systemIsDark = (): boolean => matchMedia(DARK).matches;

export function onSystemTheme(listener: () => void): () => void {
  const query = matchMedia(DARK);
  query.addEventListener("change", listener);
  return () => query.removeEventListener("change", listener);
}

export function resolveTheme(theme: Theme): "light" | "dark" {
  if (theme !== "system") return theme;
  return systemIsDark() ? "dark" : "light";
}

export function applyTheme(resolved: "light" | "dark"): void {
  document.documentElement.dataset.theme = resolved;
}

/** The theme of the last visit: the settings come too late for the first paint. */
export function rememberedTheme(): Theme {
  try {
    const theme = localStorage.getItem(STORAGE_KEY);
    return theme === "light" || theme === "dark" ? theme : "system";
  } catch {
    // Storage may be switched off; then the first paint follows the system.
    return "system";
  }
}

export function rememberTheme(theme: Theme): void {
  try {
    localStorage.setItem(STORAGE_KEY, theme);
  } catch {
    // As above: the settings still hold it.
  }
}
