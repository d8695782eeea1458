import { describe, expect, test } from "vitest";
import {
  readSyncDraft,
  type SyncDraft,
  type SyncErrors,
  toSyncDraft,
} from "../../src-renderer/pages/settings/sync-draft.ts";
import { type SyncSettings, syncSettingsSchema } from "../../src-shared/contract/sync-settings.ts";

const FULL: SyncSettings = {
  rabbitmq: {
    enabled: false,
    host: "broker.example",
    port: 5671,
    user: "ops",
    vhost: "team/a",
    tls: true,
    ca_file: "/etc/ca.pem",
    cert_file: "C:\\certs\\client.pem",
    key_file: "C:\\certs\\client.key",
    queue_type: "classic",
  },
  supabase: {
    enabled: true,
    url: "https://project.supabase.co",
    ca_file: null,
    reconcile_nightly: false,
  },
  behind_warning: 5_000,
  delete_unsent: true,
};

describe("readSyncDraft", () => {
  test.each([
    ["defaults", syncSettingsSchema.parse({})],
    ["everything", FULL],
  ] as const)("reads back what was saved: %s", (_, saved) => {
    const { sync } = readSyncDraft(toSyncDraft(saved));
    expect(sync).toEqual(saved);
    expect(syncSettingsSchema.parse(sync)).toEqual(saved);
  });

  test("takes spaces and the separators of numbers, and empty fields as not given", () => {
    const draft = { ...toSyncDraft(FULL), host: " broker ", port: "", behind_warning: " 1,000 " };
    expect(readSyncDraft(draft).sync).toMatchObject({
      rabbitmq: { host: "broker", port: null },
      behind_warning: 1_000,
    });
  });

  test.each<[keyof SyncErrors, Partial<SyncDraft>]>([
    ["host", { host: "amqp://ops@broker" }],
    ["port", { port: "0" }],
    ["port", { port: "65536" }],
    ["port", { port: "1e3" }],
    ["behind_warning", { behind_warning: "" }],
    ["behind_warning", { behind_warning: "0" }],
    ["url", { url: "project.supabase.co" }],
    ["url", { url: "ftp://project.supabase.co" }],
    ["url", { url: "https://user:secret@project.supabase.co" }],
    ["ca_file", { ca_file: "ca.pem" }],
    ["cert_file", { cert_file: "" }],
    ["key_file", { key_file: " " }],
  ])("says what is wrong with %s: %j", (field, patch) => {
    const { sync, errors } = readSyncDraft({ ...toSyncDraft(FULL), ...patch });
    expect(sync).toBe(null);
    expect(Object.keys(errors ?? {})).toEqual([field]);
  });
});
