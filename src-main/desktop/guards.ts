import { app, type Session, shell, type WebContents } from "electron";
import { linkForNewWindow, mayNavigate } from "./rules/links.ts";
import { isGranted } from "./rules/permissions.ts";

/** Holds for every page that ever comes up, whoever made it. */
export function guardPages(apiUrl: () => string): void {
  app.on("web-contents-created", (_event, contents) => guardPage(contents, apiUrl));
}

function guardPage(contents: WebContents, apiUrl: () => string): void {
  const refuse = (event: { preventDefault: () => void; url: string }) => {
    if (!mayNavigate(event.url)) event.preventDefault();
  };
  contents.on("will-navigate", refuse);
  contents.on("will-frame-navigate", refuse);
  contents.on("will-redirect", refuse);
  contents.on("will-attach-webview", (event) => event.preventDefault());
  contents.setWindowOpenHandler(({ url }) => {
    const link = linkForNewWindow(url, apiUrl());
    if (link !== null) void shell.openExternal(link);
    return { action: "deny" };
  });
}

export function denyPermissions(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, callback, { requestingUrl }) =>
    callback(isGranted(permission, requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => isGranted(permission, `${origin}/`));
  session.setDevicePermissionHandler(() => false);
}
