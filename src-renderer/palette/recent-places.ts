import { z } from "zod";

const STORAGE_KEY = "waybill.palette.recent";
const KEPT = 5;

const placeSchema = z.object({ label: z.string(), href: z.string() });

/** A session, message or search that was opened from the palette. */
export type Place = z.infer<typeof placeSchema>;

/** Newest first. Storage that is off, full or holds something else is as good as empty. */
export function recentPlaces(): readonly Place[] {
  try {
    return z.array(placeSchema).parse(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? "[]"));
  } catch {
    return [];
  }
}

export function rememberPlace(place: Place): void {
  const others = recentPlaces().filter(({ href }) => href !== place.href);
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify([place, ...others].slice(0, KEPT)));
  } catch {
    // Without storage the palette only forgets.
  }
}
