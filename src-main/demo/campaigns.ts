import { CAMPAIGN_TEMPLATES } from "./campaign-templates.ts";
import type { Template } from "./template.ts";

/** One session of the sample. */
export type Campaign = {
  session_id: string;
  template: Template;
  owner: string;
  metadata: Readonly<Record<string, unknown>>;
  size: number;
  /** The workday so many days ago; `outage` is the day of the outage, `running` began minutes ago and goes on. */
  day: number | "outage" | "running";
  /** Hour of the day in UTC, with its fraction. */
  hour: number;
  /** How long it took to hand all messages over. */
  minutes: number;
};

const { newsletter, shipped, invoiceReminder, statement, terms, backInStock } = CAMPAIGN_TEMPLATES;
const { delay, window, clinicWhatsapp, cardDelivery, clinicSms, signIn, fraud, vaccination } =
  CAMPAIGN_TEMPLATES;

function campaign(
  session_id: string,
  template: Template,
  owner: string,
  size: number,
  [day, hour, minutes]: [Campaign["day"], number, number],
  metadata: Campaign["metadata"],
): Campaign {
  return { session_id, template, owner, size, day, hour, minutes, metadata };
}

function issue(number: number, day: number, size: number): Campaign {
  const metadata = {
    campaign: `The Tideline, issue ${number}`,
    audience: "newsletter subscribers",
    budget: "marketing",
  };
  return campaign(`tideline-issue-${number}`, newsletter, "i.varga", size, [day, 8.5, 140], metadata);
}

export const CAMPAIGNS: readonly Campaign[] = [
  issue(31, 56, 520),
  issue(32, 42, 540),
  issue(33, 28, 555),
  issue(34, 13, 580),
  campaign("linen-sale-orders-shipped", shipped, "fulfilment", 290, [50, 13, 190], {
    campaign: "Linen sale: orders shipped",
    warehouse: "Venlo",
    carrier_mix: { DPX: 0.6, Nordpost: 0.4 },
  }),
  campaign("spring-orders-shipped", shipped, "fulfilment", 310, [9, 13, 205], {
    campaign: "Spring collection: orders shipped",
    warehouse: "Venlo",
    carrier_mix: { DPX: 0.45, "Redline Parcel": 0.55 },
  }),
  campaign("invoice-reminders-first", invoiceReminder, "t.okonkwo", 240, [38, 7.5, 70], {
    campaign: "Invoice reminders, first run",
    dunning_level: 1,
    ledger: "receivables",
  }),
  campaign("invoice-reminders-second", invoiceReminder, "t.okonkwo", 280, ["outage", 8.25, 110], {
    campaign: "Invoice reminders, second run",
    dunning_level: 2,
    ledger: "receivables",
  }),
  campaign("account-statements", statement, "payments", 360, [24, 5, 80], {
    campaign: "Quarterly account statements",
    regulated: true,
  }),
  campaign("terms-of-service", terms, "legal-desk", 400, [46, 9, 120], {
    campaign: "Change of terms",
    regulated: true,
    notice_days: 60,
  }),
  campaign("sorrel-kettle-back", backInStock, "i.varga", 180, [6, 16, 25], {
    campaign: "Back in stock: Sorrel kettle",
    waiting_list: "KET-0077",
  }),
  campaign("rotterdam-depot-delay", delay, "m.lindqvist", 260, [19, 14.5, 35], {
    campaign: "Delivery delay: Rotterdam depot",
    incident: "OPS-2207",
    compensation: { kind: "free shipping", cap: 12 },
  }),
  campaign("delivery-windows", window, "fulfilment", 270, [4, 15, 90], {
    campaign: "Choose a delivery window",
    warehouse: "Venlo",
  }),
  campaign("week-ahead-reminders", clinicWhatsapp, "clinic-desk", 290, [11, 10, 60], {
    campaign: "Appointment reminders, week ahead",
    lead_days: 7,
  }),
  campaign("new-cards", cardDelivery, "cards", 170, [33, 11, 45], {
    campaign: "New debit cards on their way",
    batch: "CRD-118",
  }),
  campaign("two-days-ahead-reminders", clinicSms, "clinic-desk", 260, [2, 9.5, 50], {
    campaign: "Appointment reminders, two days ahead",
    lead_days: 2,
  }),
  campaign("sign-in-rollout", signIn, "identity", 340, [30, 6, 600], {
    campaign: "New sign-in: verification codes",
    rollout: { share: 0.25, flag: "passkeys-fallback" },
  }),
  campaign("fraud-wave", fraud, "cards", 120, [21, 17.5, 40], {
    campaign: "Fraud alerts: card testing wave",
    incident: "SEC-0419",
    severity: "high",
  }),
  campaign("flu-invitations", vaccination, "clinic-desk", 310, [52, 10, 75], {
    campaign: "Flu vaccination invitations",
    cohort: "60+ and at risk",
  }),
  campaign("tomorrows-appointments", clinicSms, "clinic-desk", 180, ["running", 0, 14], {
    campaign: "Appointment reminders for tomorrow",
    lead_days: 1,
  }),
];
