import { z } from "zod";

const pathSchema = z.string().min(1).max(4_096).nullable().default(null);

/** What the environment does not give; the environment comes first. Passwords and keys are not kept here. */
export const rabbitmqSettingsSchema = z.object({
  enabled: z.boolean().default(true),
  host: z.string().min(1).max(255).nullable().default(null),
  port: z.int().min(1).max(65_535).nullable().default(null),
  user: z.string().min(1).max(255).nullable().default(null),
  vhost: z.string().min(1).max(255).nullable().default(null),
  tls: z.boolean().default(false),
  ca_file: pathSchema,
  cert_file: pathSchema,
  key_file: pathSchema,
  queue_type: z.enum(["quorum", "classic"]).default("quorum"),
});
export type RabbitMqSettings = z.infer<typeof rabbitmqSettingsSchema>;

export const supabaseSettingsSchema = z.object({
  enabled: z.boolean().default(true),
  url: z
    .url({ protocol: /^https?$/ })
    .max(2_048)
    .nullable()
    .default(null),
  ca_file: pathSchema,
  reconcile_nightly: z.boolean().default(true),
});
export type SupabaseSettings = z.infer<typeof supabaseSettingsSchema>;

export const syncSettingsSchema = z.object({
  rabbitmq: rabbitmqSettingsSchema.prefault({}),
  supabase: supabaseSettingsSchema.prefault({}),
  /** A sink that is further behind is shown as a warning. */
  behind_warning: z.int().min(1).default(100_000),
  /** Retention then deletes what a sink has not had yet, too. */
  delete_unsent: z.boolean().default(false),
});
export type SyncSettings = z.infer<typeof syncSettingsSchema>;
