import "./theme/fonts.css";
import "./theme/tokens.css";
import "./theme/base.css";
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { desktopBridge } from "./api/desktop-bridge.ts";
import { createHttpCarrier } from "./api/http-carrier.ts";
import { createIpcCarrier } from "./api/ipc-carrier.ts";
import { App } from "./app.tsx";
import { applyTheme, rememberedTheme, resolveTheme } from "./theme/apply-theme.ts";

applyTheme(resolveTheme(rememberedTheme()));

const container = document.getElementById("root");
if (container === null) throw new Error("The page has no #root to render into");
createRoot(container).render(
  <StrictMode>
    <App carrier={desktopBridge === null ? createHttpCarrier() : createIpcCarrier(desktopBridge)} />
  </StrictMode>,
);
