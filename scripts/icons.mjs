// `node scripts/icons.mjs`: every icon of the desktop app from assets/icon.svg, drawn by the system's Chromium.
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { chromium } from "@playwright/test";
import { at } from "./lib/checkout.mjs";
import { findChromium } from "./lib/test-tools.mjs";

const SIZES = [16, 24, 32, 48, 64, 128, 256, 512, 1024];
const ICO_SIZES = [16, 24, 32, 48, 64, 128, 256];
/** Apple's names for each size, twice where one is also another's at double density. */
const ICNS_TYPES = /** @type {const} */ ([
  ["icp4", 16],
  ["icp5", 32],
  ["ic11", 32],
  ["ic12", 64],
  ["ic07", 128],
  ["ic08", 256],
  ["ic13", 256],
  ["ic09", 512],
  ["ic14", 512],
  ["ic10", 1024],
]);

const svg = readFileSync(at("assets", "icon.svg"), "utf8");
// The menu bar of macOS colours a shape itself: the mark alone, black, without its ground.
const mark = svg.replace(/<rect[^>]*\/>/, "").replaceAll("#fff", "#000");

const browser = await chromium.launch({
  executablePath: findChromium() ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu"],
});
const page = await browser.newPage();

/** @param {string} source @param {number} size @returns {Promise<Buffer>} */
async function draw(source, size) {
  await page.setViewportSize({ width: size, height: size });
  const sized = source.replace("<svg", `<svg width="${size}" height="${size}" style="display:block"`);
  await page.setContent(`<style>body{margin:0}</style>${sized}`);
  return page.screenshot({ omitBackground: true });
}

/** @type {Map<number, Buffer>} */
const drawn = new Map();
for (const size of SIZES) drawn.set(size, await draw(svg, size));

mkdirSync(at("assets", "icons"), { recursive: true });
mkdirSync(at("assets", "tray"), { recursive: true });
for (const [size, png] of drawn) {
  if (size <= 512) writeFileSync(at("assets", "icons", `${size}x${size}.png`), png);
}
writeFileSync(at("assets", "icon.icns"), icns());
writeFileSync(at("assets", "icon.ico"), ico(ICO_SIZES));
writeFileSync(at("assets", "tray", "tray.png"), await draw(svg, 32));
writeFileSync(at("assets", "tray", "tray.ico"), ico([16, 24, 32]));
writeFileSync(at("assets", "tray", "trayTemplate.png"), await draw(mark, 16));
writeFileSync(at("assets", "tray", "trayTemplate@2x.png"), await draw(mark, 32));
await browser.close();

/** @param {number} size */
function png(size) {
  const found = drawn.get(size);
  if (found === undefined) throw new Error(`No icon of ${size} pixels was drawn`);
  return found;
}

/** @param {readonly number[]} sizes */
function ico(sizes) {
  const header = Buffer.alloc(6);
  header.writeUInt16LE(1, 2);
  header.writeUInt16LE(sizes.length, 4);
  let offset = 6 + 16 * sizes.length;
  const entries = sizes.map((size) => {
    const entry = Buffer.alloc(16);
    // 0 stands for 256.
    entry.writeUInt8(size % 256, 0);
    entry.writeUInt8(size % 256, 1);
    entry.writeUInt16LE(1, 4);
    entry.writeUInt16LE(32, 6);
    entry.writeUInt32LE(png(size).length, 8);
    entry.writeUInt32LE(offset, 12);
    offset += png(size).length;
    return entry;
  });
  return Buffer.concat([header, ...entries, ...sizes.map(png)]);
}

function icns() {
  const parts = ICNS_TYPES.map(([type, size]) => {
    const header = Buffer.alloc(8);
    header.write(type, 0, "latin1");
    header.writeUInt32BE(png(size).length + 8, 4);
    return Buffer.concat([header, png(size)]);
  });
  const body = Buffer.concat(parts);
  const header = Buffer.alloc(8);
  header.write("icns", 0, "latin1");
  header.writeUInt32BE(body.length + 8, 4);
  return Buffer.concat([header, body]);
}
