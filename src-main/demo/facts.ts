import { DAY_MS, formatTime, MINUTE_MS } from "../../src-shared/time.ts";
import type { Language, Person } from "./people.ts";
import { BASE36, type Random } from "./random.ts";

/** What a message is about: words for its text, and the data that goes with it. */
export type Facts = { words: Readonly<Record<string, string>>; data: Readonly<Record<string, unknown>> };

export type FactKind =
  | "order"
  | "parcel"
  | "invoice"
  | "overdue"
  | "appointment"
  | "code"
  | "card"
  | "account"
  | "offer"
  | "restock";

type Article = readonly [sku: string, name: string, price: number];
const KETTLE: Article = ["KET-0077", "Sorrel kettle, enamelled", 64.5];
const CATALOGUE: readonly Article[] = [
  KETTLE,
  ["LIN-0412", "Linen bedding set, fern", 129],
  ["LMP-0230", "Harbour lamp, brass", 189],
  ["MUG-0019", "Mug, speckled, set of 4", 38],
  ["THR-0551", "Merino throw, oat", 95],
  ["CHR-0108", "Folding chair, ash", 74.9],
  ["CND-0006", "Candle, cedar and salt", 19.5],
  ["RUG-0333", "Wool rug 140 × 200", 249],
  ["KNF-0045", "Bread knife, olive wood", 42],
  ["PLT-0012", "Plant pot, terracotta", 16.8],
];
const CARRIERS = ["DPX", "Nordpost", "Redline Parcel"] as const;
const CLINICS = ["Harbourside", "Old Mill", "Lindenplatz"] as const;
const DOCTORS = ["Dr Achterberg", "Dr Sorensen", "Dr Malik", "Dr Fontaine"] as const;
const VISITS: readonly ({ en: string } & Partial<Record<Language, string>>)[] = [
  { en: "check-up", de: "Vorsorge", fr: "bilan" },
  { en: "physiotherapy", de: "Physiotherapie", fr: "kinésithérapie" },
  { en: "vaccination", de: "Impfung", fr: "vaccination" },
  { en: "dermatology", de: "Hautarzt", fr: "dermatologie" },
  { en: "eye test", de: "Sehtest", fr: "examen de la vue" },
];
const MERCHANTS = [
  "Baker & Bloom",
  "Stadtwerke Tarif",
  "Line 7 Transit",
  "Cinema Odeon",
  "Green Grocer 24",
] as const;
const DEVICES = ["Firefox on Linux", "Safari on iPhone", "Chrome on Windows", "Chrome on Android"] as const;

function money(amount: number): string {
  return `€${amount.toFixed(2)}`;
}

function day(ms: number): string {
  return formatTime(ms).slice(0, 10);
}

function makeOrder(random: Random): {
  id: string;
  items: Record<string, unknown>[];
  first: string;
  total: number;
} {
  const items = random.shuffled(CATALOGUE).slice(
    0,
    random.weighted([
      { weight: 6, value: 1 },
      { weight: 3, value: 2 },
      { weight: 1, value: 4 },
    ]),
  );
  const lines = items.map(([sku, name, price]) => ({
    sku,
    name,
    quantity: random.chance(0.85) ? 1 : 2,
    unit_price: price,
  }));
  const total = lines.reduce((sum, line) => sum + line.quantity * line.unit_price, 0);
  return { id: `QM-${random.integer(41_000, 98_999)}`, items: lines, first: lines[0]?.name ?? "", total };
}

/** `language` is the one that the text is written in. */
export function drawFacts(
  random: Random,
  kind: FactKind,
  person: Person,
  language: Language,
  origin: number,
): Facts {
  const first = person.firstName;
  switch (kind) {
    case "order": {
      const { id, items, first: item, total } = makeOrder(random);
      const data = { order: { id, items, total: { amount: Number(total.toFixed(2)), currency: "EUR" } } };
      return {
        words: { first, order: id, item, amount: money(total) },
        data: { customer_id: person.id, ...data },
      };
    }
    case "parcel": {
      const { id, items, first: item } = makeOrder(random);
      const number = random.text("0123456789", 12);
      const url = `https://track.quillmoor.example.com/${number}`;
      const from = random.integer(8, 17);
      const window = `${String(from).padStart(2, "0")}:00–${String(from + 2).padStart(2, "0")}:00`;
      const data = {
        order: { id, items: items.length },
        parcel: { carrier: random.pick(CARRIERS), number, url, weight_kg: random.integer(3, 140) / 10 },
      };
      return {
        words: { first, order: id, item, url, window, date: day(origin + DAY_MS) },
        data: { customer_id: person.id, ...data },
      };
    }
    case "invoice":
    case "overdue": {
      const number = `R-${formatTime(origin).slice(0, 4)}-${random.integer(10_000, 99_999)}`;
      const amount = random.integer(1_800, 64_000) / 100;
      const due = day(origin + random.integer(5, 21) * DAY_MS * (kind === "overdue" ? -1 : 1));
      const data = {
        number,
        amount: { value: amount, currency: "EUR" },
        due,
        reminder: random.integer(1, 3),
      };
      const url = `https://pay.quillmoor.example.com/i/${random.text(BASE36, 10)}`;
      return {
        words: { first, invoice: number, amount: money(amount), due, url },
        data: { invoice: { ...data, url } },
      };
    }
    case "appointment": {
      const midnight = Math.floor(origin / DAY_MS) * DAY_MS + random.integer(1, 3) * DAY_MS;
      const start = formatTime(midnight + random.integer(8 * 4, 17 * 4) * 15 * MINUTE_MS);
      const visitKind = random.pick(VISITS);
      const clinic = random.pick(CLINICS);
      const doctor = random.pick(DOCTORS);
      const visit = visitKind[language] ?? visitKind.en;
      const words = { first, visit, clinic, doctor, date: start.slice(0, 10), time: start.slice(11, 16) };
      const appointment = {
        id: `A${random.integer(200_000, 899_999)}`,
        start,
        visit: visitKind.en,
        clinic,
        doctor,
      };
      return { words, data: { appointment } };
    }
    case "code": {
      const code = random.text("0123456789", 6);
      const device = random.pick(DEVICES);
      const request = {
        purpose: random.pick(["sign_in", "sign_in", "payment", "new_device"]),
        expires_in: 600,
        device,
      };
      return {
        words: { first, code: `${code.slice(0, 2)}••••`, device },
        data: { verification: { ...request, attempts: 1 } },
      };
    }
    case "card": {
      const amount = random.integer(180, 31_000) / 100;
      const merchant = random.pick(MERCHANTS);
      const last4 = random.text("0123456789", 4);
      const data = {
        card: { last4, network: "debit" },
        amount: { value: amount, currency: "EUR" },
        merchant,
        approved: true,
      };
      return {
        words: { first, amount: money(amount), merchant, last4 },
        data: { transaction: { id: `T${random.text(BASE36, 9)}`, ...data } },
      };
    }
    case "account": {
      const device = random.pick(DEVICES);
      const data = {
        customer_id: person.id,
        device,
        ip: `203.0.113.${random.integer(2, 250)}`,
        locale: person.language,
      };
      return { words: { first, device }, data: { account: data } };
    }
    case "offer":
    case "restock": {
      const [sku, item, price] = kind === "restock" ? KETTLE : random.pick(CATALOGUE);
      const url = `https://shop.quillmoor.example.com/p/${sku.toLowerCase()}?utm_source=tide`;
      const data = {
        segment: random.pick(["loyal", "new", "dormant", "wholesale"]),
        variant: random.pick(["A", "B"]),
      };
      return {
        words: { first, item, amount: money(price), url },
        data: { offer: { sku, price, url, ...data } },
      };
    }
  }
}
