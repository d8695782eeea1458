import type { Channel } from "./calendar.ts";
import type { FactKind, Facts } from "./facts.ts";
import type { Language } from "./people.ts";

export type Template = {
  channel: Channel;
  id: string;
  name: string;
  topic: string;
  type: string;
  sender: string;
  facts: FactKind;
  /** By the reader's language; `{word}` stands for a fact. */
  texts: Partial<Record<Language, string>> & { en: string };
};

export const SENDERS = {
  shop: "orders@shop.quillmoor.example.com",
  clinic: "reception@care.quillmoor.example.com",
  bank: "service@pay.quillmoor.example.com",
  newsletter: "hello@tideline.quillmoor.example.com",
  whatsapp: "+447700900100",
  sms: "QUILLMOOR",
} as const;

export function template(
  channel: Channel,
  id: string,
  name: string,
  topic: string,
  type: string,
  sender: string,
  facts: FactKind,
  texts: Template["texts"],
): Template {
  return { channel, id, name, topic, type, sender, facts, texts };
}

/** The reader's own language, where the template has it. */
export function languageFor(template: Template, reader: Language): Language {
  return template.texts[reader] === undefined ? "en" : reader;
}

/** Puts the facts in the places of their names, `{name}`. */
export function fillWords(text: string, { words }: Facts): string {
  return text.replace(/\{(\w+)\}/g, (_, word: string) => words[word] ?? "");
}
