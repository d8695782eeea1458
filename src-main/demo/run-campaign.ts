import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from "../../src-shared/time.ts";
import { type Channel, DEMO_DAYS, workdayBefore } from "./calendar.ts";
import type { Campaign } from "./campaigns.ts";
import type { Step } from "./message-life.ts";
import { drawLife, type Occasion, templateMessage } from "./template-message.ts";
import { type PlannedMessage, planMessage, type World } from "./world.ts";

const QUEUEING_MS = 40;

export type SampleSession = {
  session_id: string;
  channel: Channel;
  user_id: string;
  template_id: string;
  template_name: string;
  metadata: Record<string, unknown>;
  started_ts: number;
  ended_ts: number | null;
};

/** Plans a campaign's session and its messages, to people drawn from all. */
export function runCampaign(
  world: World,
  campaign: Campaign,
): { session: SampleSession; messages: PlannedMessage[] } {
  const { random, people, outage, now } = world;
  const { template, session_id, owner, size, minutes, metadata } = campaign;
  const isRunning = campaign.day === "running";
  const start = campaignStart(world, campaign);
  const end = start + minutes * MINUTE_MS + random.integer(20, 400) * SECOND_MS;
  const about = { session_id, user_id: owner, campaign: metadata.campaign };
  const messages = random
    .shuffled(people)
    .slice(0, size)
    .map((person, index) => {
      const pause = isRunning ? index * QUEUEING_MS : ((index + random.next()) / size) * minutes * MINUTE_MS;
      const occasion: Occasion = { template, person, origin: start + Math.floor(pause), about };
      return planMessage(world, occasion.origin, (own) => {
        const life = drawLife(own, outage, occasion);
        const queued = isRunning ? queuedLife(life, index / size, now - start) : life;
        return templateMessage(own, occasion, queued, now);
      });
    });
  const session = {
    session_id,
    channel: template.channel,
    user_id: owner,
    template_id: template.id,
    template_name: template.name,
    metadata: { ...metadata, recipients: size },
    started_ts: start - random.integer(1, 9) * SECOND_MS,
    ended_ts: isRunning || end > now ? null : end,
  };
  return { session, messages };
}

/** In a campaign that runs now all is queued, and the queue is worked off in order; about a third still waits. */
function queuedLife(life: readonly Step[], place: number, elapsed: number): Step[] {
  const wait = Math.floor(place * 1.5 * elapsed);
  return life.map((step, index) => {
    if (index === 0) return step;
    return { ...step, ts: step.ts + wait - (step.status === "sending" ? Math.min(wait, 25 * SECOND_MS) : 0) };
  });
}

function campaignStart({ outage, now }: World, { day, hour, minutes }: Campaign): number {
  if (day === "running") return now - minutes * MINUTE_MS;
  const midnight = day === "outage" ? Math.floor(outage.from / DAY_MS) * DAY_MS : workdayBefore(now, day);
  return Math.max(midnight + hour * HOUR_MS, now - DEMO_DAYS * DAY_MS);
}
