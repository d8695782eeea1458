import { setImmediate as nextTurn } from "node:timers/promises";
import { outageBefore } from "./calendar.ts";
import { CAMPAIGNS } from "./campaigns.ts";
import { chatMessages } from "./chats.ts";
import { createEveryday } from "./everyday.ts";
import { createPeople } from "./people.ts";
import { createRandom } from "./random.ts";
import { runCampaign, type SampleSession } from "./run-campaign.ts";
import type { PlannedMessage, World } from "./world.ts";

const SEED = 20_260_214;
const PEOPLE = 2_600;
const MESSAGES = 25_000;
const CHAT_MESSAGES = 3_600;

/** So many are planned before the event loop gets its turn. */
const TURN = 2_000;

/** The whole sample up to `now`, in milliseconds since 1970; messages in the order of their origin. */
export async function createSample(
  now: number,
): Promise<{ sessions: SampleSession[]; messages: PlannedMessage[] }> {
  const random = createRandom(SEED);
  const world: World = { random, people: createPeople(random, PEOPLE), outage: outageBefore(now), now };
  await nextTurn();
  const campaigns = CAMPAIGNS.map((campaign) => runCampaign(world, campaign));
  const messages = campaigns.flatMap((campaign) => campaign.messages);
  await nextTurn();
  messages.push(...chatMessages(world, CHAT_MESSAGES));
  const planEveryday = createEveryday(world);
  while (messages.length < MESSAGES) {
    messages.push(planEveryday());
    if (messages.length % TURN === 0) await nextTurn();
  }
  messages.sort((a, b) => a.origin - b.origin);
  return { sessions: campaigns.map(({ session }) => session), messages };
}
