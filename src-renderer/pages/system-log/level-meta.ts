import { Bug, CircleX, Info, type LucideIcon, TriangleAlert } from "lucide-react";
import type { Level } from "../../../src-shared/system-log.ts";

type LevelMeta = { label: string; icon: LucideIcon; tone: "neutral" | "info" | "warning" | "danger" };

export const LEVEL_META: Readonly<Record<Level, LevelMeta>> = {
  debug: { label: "Debug", icon: Bug, tone: "neutral" },
  info: { label: "Info", icon: Info, tone: "info" },
  warning: { label: "Warning", icon: TriangleAlert, tone: "warning" },
  error: { label: "Error", icon: CircleX, tone: "danger" },
};

/** The filter's choices: a level stands for itself and the graver ones. */
export const LEVEL_CHOICES = [
  { value: "", label: "All levels" },
  { value: "info", label: "Info and graver" },
  { value: "warning", label: "Warnings and errors" },
  { value: "error", label: "Errors only" },
] as const satisfies readonly { value: Level | ""; label: string }[];

/** The address may hold anything: an unknown level filters nothing. */
export function readLevel(text: string): Level | null {
  return LEVEL_CHOICES.find(({ value }) => value === text)?.value || null;
}
