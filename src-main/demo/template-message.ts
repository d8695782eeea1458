import type { Outage } from "./calendar.ts";
import { addressOf, composeMessage, type DemoMessage, type Draft } from "./compose.ts";
import { drawFacts } from "./facts.ts";
import { drawFailure } from "./failures.ts";
import { cancelledLife, messageLife, type Step } from "./message-life.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";
import { fillWords, languageFor, type Template } from "./template.ts";

/** Logged as pending and reported on step by step, as systems do. */
export const HISTORY_SHARE = 0.14;
const CANCELLED_SHARE = 0.008;

/** Who gets what, when and on whose account. */
export type Occasion = {
  template: Template;
  person: Person;
  origin: number;
  about: { session_id: string | null; user_id: string; campaign?: unknown };
};

export function drawLife(random: Random, outage: Outage, { template, person, origin }: Occasion): Step[] {
  if (template.type !== "otp" && random.chance(CANCELLED_SHARE)) return cancelledLife(random, origin);
  const failure = drawFailure(random, template.channel, person, origin, outage);
  return messageLife(random, template.channel, origin, failure, outage);
}

export function templateMessage(
  random: Random,
  { template, person, origin, about }: Occasion,
  life: readonly Step[],
  now: number,
): DemoMessage {
  const language = languageFor(template, person.language);
  const facts = drawFacts(random, template.facts, person, language, origin);
  const retries =
    life.filter((step) => step.status === "failed").length > 0 && life.at(-1)?.status !== "failed";
  const metadata = {
    customer_id: person.id,
    language: person.language,
    region: random.pick(["eu-west", "eu-west", "eu-central"]),
    ...(about.campaign === undefined ? {} : { campaign: about.campaign }),
  };
  const draft: Draft = {
    channel: template.channel,
    session_id: about.session_id,
    user_id: about.user_id,
    from: template.sender,
    to: [addressOf(person, template.channel)],
    topic: template.topic,
    message_type: template.type,
    template_id: template.id,
    template_name: template.name,
    text: fillWords(template.texts[language] ?? template.texts.en, facts),
    data: facts.data,
    metadata,
  };
  return composeMessage(random, draft, life, now, retries || random.chance(HISTORY_SHARE));
}
