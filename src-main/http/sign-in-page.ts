const ESCAPES: Readonly<Record<string, string>> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;" };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => ESCAPES[character] ?? character);
}

/** The page behind a link that is no longer good: plain, since the UI itself can't be signed in here. */
export function signInPage(sentence: string): string {
  return `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <meta name="color-scheme" content="light dark">
    <title>Open Waybill</title>
    <style>
      body { font: 16px/1.5 system-ui, sans-serif; max-width: 32rem; margin: 15vh auto 0; padding: 0 1.5rem; }
      h1 { font-size: 1.25rem; margin: 0 0 .5rem; }
      label { display: block; margin: 1.5rem 0 .25rem; font-weight: 600; }
      input, button { font: inherit; padding: .5rem .75rem; border: 1px solid GrayText; border-radius: .375rem; }
      input { width: 100%; box-sizing: border-box; font-family: ui-monospace, monospace; }
      button { margin-top: .75rem; cursor: pointer; }
      code { font-family: ui-monospace, monospace; }
    </style>
  </head>
  <body>
    <main>
      <h1>${escapeHtml(sentence)}</h1>
      <p>Run <code>waybill serve</code> again and open the link that it prints. Each link opens Waybill once, within ten minutes.</p>
      <form method="post" action="/open">
        <label for="token">Or paste the API token</label>
        <input id="token" name="token" type="password" autocomplete="off" required autofocus>
        <p>It is in the file <code>token</code> of the data directory.</p>
        <button>Open Waybill</button>
      </form>
    </main>
  </body>
</html>
`;
}
