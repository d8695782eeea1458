import type { Channel, Outage } from "./calendar.ts";
import type { Person } from "./people.ts";
import type { Random } from "./random.ts";

export type Failure = {
  text: string;
  /** Before it left us, or afterwards as a bounce. */
  stage: "sending" | "sent";
  /** Worth another try. */
  transient: boolean;
};

type Kind = {
  weight: number;
  text: (random: Random, person: Person) => string;
  stage: "sending" | "sent";
  transient: boolean;
};

function kind(weight: number, stage: Kind["stage"], transient: boolean, text: Kind["text"]): Kind {
  return { weight, stage, transient, text };
}

const domainOf = (person: Person): string => person.email.slice(person.email.indexOf("@") + 1);

const UNKNOWN_MAILBOX = kind(
  1,
  "sent",
  false,
  (_, { email }) => `550 5.1.1 <${email}>: Recipient address rejected: mailbox unavailable`,
);
const NOT_ON_WHATSAPP = kind(
  1,
  "sending",
  false,
  () => "(#131026) Message undeliverable: the recipient is not a WhatsApp user",
);
const UNKNOWN_HANDSET = kind(1, "sent", false, () => "Error 30005: Unknown destination handset");

const EVERYDAY: Readonly<Record<Channel, { share: number; kinds: readonly Kind[] }>> = {
  email: {
    share: 0.021,
    kinds: [
      kind(24, "sent", false, UNKNOWN_MAILBOX.text),
      kind(
        18,
        "sending",
        true,
        (random) =>
          `421 4.7.28 Rate limited: too many messages from 192.0.2.${random.integer(20, 24)}, try again later`,
      ),
      kind(14, "sent", false, (_, { email }) => `552 5.2.2 <${email}>: mailbox full, quota exceeded`),
      kind(11, "sending", true, (_, person) => `getaddrinfo ENOTFOUND mx1.${domainOf(person)}`),
      kind(
        10,
        "sending",
        true,
        (_, person) => `Connection timed out after 30000 ms to mx2.${domainOf(person)}:25`,
      ),
      kind(8, "sending", true, () => "read ECONNRESET"),
      kind(
        8,
        "sent",
        false,
        (random) => `554 5.7.1 Message rejected: spam score ${(5 + random.next() * 4).toFixed(1)}`,
      ),
      kind(5, "sent", true, () => "451 4.3.0 Temporary lookup failure"),
    ],
  },
  whatsapp: {
    share: 0.026,
    kinds: [
      kind(
        26,
        "sending",
        false,
        () =>
          "(#131047) Re-engagement message: more than 24 hours have passed since the recipient last replied",
      ),
      kind(22, "sent", false, () => "(#131026) Message undeliverable"),
      kind(16, "sending", true, () => "HTTP 429 Too Many Requests: (#130429) Rate limit hit"),
      kind(12, "sending", false, () => "(#131049) Not delivered to maintain healthy ecosystem engagement"),
      kind(9, "sending", true, () => "(#131000) Something went wrong"),
      kind(7, "sending", true, () => "Request timed out after 10000 ms"),
    ],
  },
  sms: {
    share: 0.022,
    kinds: [
      kind(27, "sent", false, () => "Error 30007: Message filtered, carrier violation"),
      kind(21, "sent", false, UNKNOWN_HANDSET.text),
      kind(19, "sent", true, () => "Error 30003: Unreachable destination handset"),
      kind(
        11,
        "sending",
        true,
        (random) => `HTTP 429 Too Many Requests: retry after ${random.integer(2, 9) * 10} s`,
      ),
      kind(9, "sent", false, () => "Error 30006: Landline or unreachable carrier"),
      kind(7, "sending", true, () => "Request timed out after 10000 ms"),
    ],
  },
  chat: {
    share: 0.013,
    kinds: [
      kind(5, "sending", false, () => "The visitor left before the reply was delivered"),
      kind(3, "sending", true, () => "WebSocket closed with code 1006"),
      kind(2, "sending", true, () => "HTTP 502 Bad Gateway from assistant.quillmoor.example.com"),
    ],
  },
};

const OUTAGE: Readonly<Record<Channel, { share: number; kinds: readonly Kind[] }>> = {
  email: {
    share: 0.74,
    kinds: [
      kind(6, "sending", true, () => "connect ETIMEDOUT 192.0.2.25:587"),
      kind(3, "sending", true, () => "read ECONNRESET"),
      kind(1, "sending", true, () => "getaddrinfo EAI_AGAIN relay.quillmoor.example.com"),
    ],
  },
  whatsapp: {
    share: 0.52,
    kinds: [
      kind(5, "sending", true, () => "connect ETIMEDOUT 198.51.100.14:443"),
      kind(3, "sending", true, () => "HTTP 503 Service Unavailable"),
    ],
  },
  sms: { share: 0.24, kinds: [kind(1, "sending", true, () => "HTTP 503 Service Unavailable")] },
  chat: { share: 0.07, kinds: [kind(1, "sending", true, () => "WebSocket closed with code 1006")] },
};

/** Whether and why a message to this person at this time fails at first. */
export function drawFailure(
  random: Random,
  channel: Channel,
  person: Person,
  origin: number,
  outage: Outage,
): Failure | null {
  if (origin >= outage.from && origin < outage.to && random.chance(OUTAGE[channel].share)) {
    return drawn(random, OUTAGE[channel].kinds, person);
  }
  if (channel === "email" && person.hasDeadMailbox) return drawn(random, [UNKNOWN_MAILBOX], person);
  if (channel === "whatsapp" && !person.isOnWhatsApp) return drawn(random, [NOT_ON_WHATSAPP], person);
  if (channel === "sms" && person.hasDeadPhone) return drawn(random, [UNKNOWN_HANDSET], person);
  return random.chance(EVERYDAY[channel].share) ? drawn(random, EVERYDAY[channel].kinds, person) : null;
}

function drawn(random: Random, kinds: readonly Kind[], person: Person): Failure {
  const { stage, transient, text } = random.weighted(kinds.map((value) => ({ weight: value.weight, value })));
  return { stage, transient, text: text(random, person) };
}
