// What `npm start --` takes: its own options, and those that it hands on to `waybill serve`.

const OWN = new Set(["--demo", "--headless", "--desktop"]);

/**
 * @typedef {object} StartOptions
 * @property {"auto" | "headless" | "desktop"} mode
 * @property {boolean} demo
 * @property {string[]} dataDir the option as both hosts and the CLI take it, or nothing
 * @property {string[]} serveOnly what the headless host alone knows, or nobody
 * @property {string[]} serve what the headless host gets, in order
 * @property {string | undefined} misuse a sentence about options that contradict one another
 */

/** @param {readonly string[]} argv @returns {StartOptions} */
export function readStartOptions(argv) {
  const serve = argv.filter((arg) => !OWN.has(arg));
  const index = serve.findIndex((arg) => arg === "--data-dir" || arg.startsWith("--data-dir="));
  const length = index < 0 ? 0 : serve[index] === "--data-dir" ? 2 : 1;
  const dataDir = serve.slice(index, index + length);
  const serveOnly = serve.filter((_arg, at) => index < 0 || at < index || at >= index + length);
  const desktop = argv.includes("--desktop");
  const headless = argv.includes("--headless");
  return {
    mode: desktop ? "desktop" : headless ? "headless" : "auto",
    demo: argv.includes("--demo"),
    dataDir,
    serveOnly,
    serve,
    misuse: !desktop
      ? undefined
      : headless
        ? "--desktop and --headless exclude one another."
        : misuseOfDesktop(serveOnly, dataDir),
  };
}

/** @param {string[]} serveOnly @param {string[]} dataDir */
function misuseOfDesktop(serveOnly, dataDir) {
  if (serveOnly[0] !== undefined) {
    return `the desktop app does not take ${serveOnly[0]}: leave out --desktop, or set it in the app's settings.`;
  }
  const folder = dataDir[0]?.startsWith("--data-dir=") ? dataDir[0].slice("--data-dir=".length) : dataDir[1];
  if (dataDir.length > 0 && !folder) return "--data-dir needs a folder.";
  return undefined;
}
