import type { Command } from "commander";
import { type Settings, settingsSchema } from "../../../src-shared/contract/upkeep.ts";
import { SettingsFile } from "../../api/settings-file.ts";
import { act, addDataDir, type CommonOptions } from "../command.ts";
import { EXIT_OK, UsageError } from "../failures.ts";
import { tell, write, writeJson, writeLine } from "../output.ts";
import { formatPairs } from "../table.ts";

const SECRET = /^(rabbitmq|supabase|redis)|password|secret|token|[_-](url|key)$/i;
const KEYS = Object.keys(settingsSchema.shape);

export function configCommand(program: Command): void {
  const config = program.command("config").description("read and change settings");

  const get = addDataDir(config.command("get [key]"))
    .description("print one setting, or all")
    .option("--json", "print JSON");
  act<CommonOptions>(get, async ({ json }, dataDir, key) => {
    const settings = await new SettingsFile(dataDir, tell).get();
    if (key === undefined) {
      const pairs = Object.entries(settings).map(([name, value]) => [name, shown(value)] as const);
      await (json === true ? writeJson(settings) : write(formatPairs(pairs)));
      return EXIT_OK;
    }
    const value = settings[requireKey(key)];
    await (json === true ? writeJson(value) : writeLine(shown(value)));
    return EXIT_OK;
  });

  const set = addDataDir(config.command("set <key> <value>")).description(
    `change a setting: ${KEYS.join(", ")}; "default" as the value sets it back`,
  );
  act<CommonOptions>(set, async (_options, dataDir, key = "", text = "") => {
    const name = requireKey(key);
    await new SettingsFile(dataDir, tell).set(parseSetting(name, text));
    return EXIT_OK;
  });
}

function requireKey(key: string): keyof Settings {
  if (Object.hasOwn(settingsSchema.shape, key)) return key as keyof Settings;
  if (SECRET.test(key)) {
    throw new UsageError(
      `${key} is not kept in config.json. Put addresses and secrets of sinks in the environment or in a .env file of the data directory; the API token is in its file "token".`,
    );
  }
  throw new UsageError(`there is no setting ${key}; there are ${KEYS.join(", ")}.`);
}

function shown(value: unknown): string {
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value);
}

/** The value as it is typed: a number, a word, a JSON object, or `null` and `none` for nothing. */
function parseSetting(name: keyof Settings, text: string): Partial<Settings> {
  if (text === "default") return { [name]: settingsSchema.parse({})[name] };
  const candidates: unknown[] = [text];
  if (/^-?\d+(\.\d+)?$/.test(text)) candidates.unshift(Number(text));
  if (text === "null" || text === "none") candidates.unshift(null);
  if (text.startsWith("{")) candidates.unshift(parseObject(name, text));
  for (const candidate of candidates) {
    const parsed = settingsSchema.shape[name].safeParse(candidate);
    if (parsed.success) return { [name]: parsed.data };
  }
  const issue = settingsSchema.shape[name].safeParse(candidates[0]).error?.issues[0];
  throw new UsageError(`"${text}" is no value for ${name}: ${issue?.message ?? "it is not valid"}.`);
}

function parseObject(name: string, text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new UsageError(`"${text}" is no value for ${name}: it is not valid JSON.`);
  }
}
