import { lazy, Suspense } from "react";
import { ApiProvider } from "./api/api-provider.tsx";
import type { Carrier } from "./api/carrier.ts";
import { desktopBridge } from "./api/desktop-bridge.ts";
import { ExportsProvider } from "./export/exports-provider.tsx";
import { ErrorBoundary } from "./shell/error-boundary.tsx";
import { Frame } from "./shell/frame.tsx";
import { Routes } from "./shell/routes.tsx";
import { SignInGate } from "./shell/sign-in-gate.tsx";
import { ThemeProvider } from "./theme/theme-provider.tsx";
import { ShortcutProvider } from "./ui/shortcuts.tsx";
import { ToastProvider } from "./ui/toast.tsx";
import { TooltipProvider } from "./ui/tooltip.tsx";

// Not in a browser: what the desktop app tells waits until someone listens.
const DesktopSignals = lazy(async () => ({
  default: (await import("./desktop/desktop-signals.tsx")).DesktopSignals,
}));

/** The whole interface, over whatever carries its calls. */
export function App({ carrier }: { carrier: Carrier }) {
  return (
    <ErrorBoundary>
      <ApiProvider carrier={carrier}>
        <TooltipProvider>
          <ToastProvider>
            <ThemeProvider>
              <ShortcutProvider>
                <SignInGate>
                  <ExportsProvider>
                    {desktopBridge !== null && (
                      <Suspense>
                        <DesktopSignals bridge={desktopBridge} />
                      </Suspense>
                    )}
                    <Frame>
                      <Routes />
                    </Frame>
                  </ExportsProvider>
                </SignInGate>
              </ShortcutProvider>
            </ThemeProvider>
          </ToastProvider>
        </TooltipProvider>
      </ApiProvider>
    </ErrorBoundary>
  );
}
