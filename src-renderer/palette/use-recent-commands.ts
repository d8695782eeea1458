import { History } from "lucide-react";
import { useState } from "react";
import { useNavigate } from "../shell/navigation.ts";
import type { Command } from "./command.ts";
import { recentPlaces } from "./recent-places.ts";

export function useRecentCommands(): readonly Command[] {
  const navigate = useNavigate();
  const [places] = useState(recentPlaces);
  return places.map(({ label, href }) => ({
    id: `recent ${href}`,
    label,
    icon: History,
    run: () => navigate(href),
  }));
}
