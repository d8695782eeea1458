import { z } from "zod";

export const LEVELS = ["debug", "info", "warning", "error"] as const;

export type Level = (typeof LEVELS)[number];

export const systemLogInputSchema = z.object({
  level: z.enum(LEVELS).default("info"),
  component: z.string().min(1).max(200),
  message: z.string().min(1).max(10_000),
  details: z.record(z.string(), z.unknown()).nullish(),
});

export type SystemLogInput = z.input<typeof systemLogInputSchema>;

export const systemLogSchema = z.object({
  id: z.int(),
  ts: z.string(),
  level: z.enum(LEVELS),
  component: z.string(),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).nullable(),
});

export type SystemLog = z.infer<typeof systemLogSchema>;
