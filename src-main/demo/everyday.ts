import { type Channel, createTraffic } from "./calendar.ts";
import { EVERYDAY } from "./everyday-templates.ts";
import { activePerson } from "./people.ts";
import { drawLife, type Occasion, templateMessage } from "./template-message.ts";
import { type PlannedMessage, planMessage, type World } from "./world.ts";

const SHARES: readonly { weight: number; value: Channel }[] = [
  { weight: 40, value: "email" },
  { weight: 33, value: "sms" },
  { weight: 27, value: "whatsapp" },
];

/** The system of the company that sends on a topic. */
const OWNERS: Readonly<Record<string, string>> = {
  orders: "checkout",
  delivery: "fulfilment",
  billing: "payments",
  payments: "cards",
  security: "identity",
  account: "identity",
  appointments: "clinic-desk",
};

/** Plans what the company's systems send day by day, outside of campaigns: one message with each call. */
export function createEveryday(world: World): () => PlannedMessage {
  const { random, now, outage, people } = world;
  const channels = SHARES.map(({ value, weight }) => ({
    weight,
    value: {
      drawTime: createTraffic(value, now),
      templates: EVERYDAY.filter((template) => template.value.channel === value),
    },
  }));
  return () => {
    const { drawTime, templates } = random.weighted(channels);
    const template = random.weighted(templates);
    const about = { session_id: null, user_id: OWNERS[template.topic] ?? "checkout" };
    const occasion: Occasion = {
      template,
      person: activePerson(random, people),
      origin: drawTime(random),
      about,
    };
    return planMessage(world, occasion.origin, (own) =>
      templateMessage(own, occasion, drawLife(own, outage, occasion), now),
    );
  };
}
