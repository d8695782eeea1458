import { Monitor, Moon, Sun } from "lucide-react";
import { useTheme } from "../../theme/use-theme.ts";
import { SegmentedControl } from "../../ui/segmented-control.tsx";
import { SettingsSection } from "./settings-section.tsx";

const THEMES = [
  { value: "system", label: "System", icon: Monitor },
  { value: "light", label: "Light", icon: Sun },
  { value: "dark", label: "Dark", icon: Moon },
] as const;

export function AppearanceSection() {
  const { theme, setTheme } = useTheme();
  return (
    <SettingsSection title="Appearance" description="System follows what this computer is set to.">
      <SegmentedControl
        label="Theme"
        value={theme}
        onValueChange={(value) => {
          const chosen = THEMES.find((one) => one.value === value);
          if (chosen) setTheme(chosen.value);
        }}
        options={THEMES}
      />
    </SettingsSection>
  );
}
