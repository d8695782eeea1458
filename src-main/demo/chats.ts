import { createTraffic } from "./calendar.ts";
import { composeMessage, type DemoMessage } from "./compose.ts";
import { CONVERSATIONS, type Conversation } from "./conversations.ts";
import { drawFacts, type Facts } from "./facts.ts";
import { drawFailure, type Failure } from "./failures.ts";
import { messageLife } from "./message-life.ts";
import { activePerson, LANGUAGE_WEIGHTS, type Person } from "./people.ts";
import type { Random } from "./random.ts";
import { fillWords } from "./template.ts";
import { HISTORY_SHARE } from "./template-message.ts";
import { type PlannedMessage, planMessage, type World } from "./world.ts";

/** Conversations with the shop's assistant, each turn a message of its own. */
export function chatMessages(world: World, count: number): PlannedMessage[] {
  const { random, now, people } = world;
  const drawTime = createTraffic("chat", now);
  const scripts = LANGUAGE_WEIGHTS.flatMap(({ value: language, weight }) => {
    const conversations = CONVERSATIONS.filter((conversation) => conversation.language === language);
    const speakers = people.filter((person) => person.language === language);
    return conversations.map((conversation) => ({
      weight: weight / conversations.length,
      value: { conversation, speakers },
    }));
  });
  const messages: PlannedMessage[] = [];
  while (messages.length < count) {
    const { conversation, speakers } = random.weighted(scripts);
    messages.push(...converse(world, conversation, activePerson(random, speakers), drawTime(random)));
  }
  return messages.slice(0, count);
}

type Turn = {
  id: string;
  number: number;
  text: string;
  person: Person;
  conversation: Conversation;
  facts: Facts;
};

function converse(world: World, conversation: Conversation, person: Person, start: number): PlannedMessage[] {
  const { random, now, outage } = world;
  const facts = drawFacts(random, "order", person, person.language, start);
  const id = `conv-${random.integer(100_000, 999_999)}`;
  const messages: PlannedMessage[] = [];
  let next = start;
  for (const [index, text] of conversation.turns.entries()) {
    const origin = next;
    if (origin > now) break;
    const isVisitor = index % 2 === 0;
    const failure = isVisitor ? null : drawFailure(random, "chat", person, origin, outage);
    const turn: Turn = { id, number: index + 1, text, person, conversation, facts };
    messages.push(
      planMessage(world, origin, (own) =>
        isVisitor ? said(own, turn, origin, world) : replied(own, turn, origin, failure, world),
      ),
    );
    // Nobody answers what did not arrive.
    if (failure !== null) break;
    next += Math.floor(random.logNormal(isVisitor ? 2_400 : 24_000, 0.7));
  }
  return messages;
}

/** A visitor's turn is for whoever is on duty: it has no recipients. */
function said(random: Random, turn: Turn, origin: number, world: World): DemoMessage {
  return compose(
    random,
    turn,
    { from: turn.person.id, to: [], message_type: "user" },
    {},
    origin,
    null,
    world,
  );
}

function replied(
  random: Random,
  turn: Turn,
  origin: number,
  failure: Failure | null,
  world: World,
): DemoMessage {
  const details = {
    model: "assistant-7",
    confidence: Math.round((0.62 + 0.37 * random.next()) * 100) / 100,
    tokens: { prompt: random.integer(180, 900), completion: random.integer(20, 140) },
  };
  const parties = { from: "assistant", to: [turn.person.id], message_type: "assistant" };
  return compose(random, turn, parties, details, origin, failure, world);
}

function compose(
  random: Random,
  { id, number, text, person, conversation, facts }: Turn,
  parties: { from: string; to: string[]; message_type: string },
  details: Readonly<Record<string, unknown>>,
  origin: number,
  failure: Failure | null,
  { outage, now }: World,
): DemoMessage {
  const draft = {
    ...parties,
    channel: "chat" as const,
    session_id: null,
    user_id: "assistant",
    topic: conversation.topic,
    template_id: null,
    template_name: null,
    text: fillWords(text, facts),
    data: { turn: number, page: `https://shop.quillmoor.example.com${conversation.page}`, ...details },
    metadata: { conversation_id: id, customer_id: person.id, language: person.language },
  };
  const life = messageLife(random, "chat", origin, failure, outage);
  return composeMessage(random, draft, life, now, random.chance(HISTORY_SHARE));
}
