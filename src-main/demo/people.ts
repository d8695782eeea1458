import type { Random } from "./random.ts";

export const LANGUAGES = [
  "en",
  "de",
  "fr",
  "es",
  "pl",
  "it",
  "nl",
  "pt",
  "tr",
  "ja",
  "zh",
  "ar",
  "he",
] as const;
export type Language = (typeof LANGUAGES)[number];

export type Person = {
  id: string;
  /** As the person writes it. */
  firstName: string;
  language: Language;
  email: string;
  phone: string;
  /** Their mail bounces, whoever writes. */
  hasDeadMailbox: boolean;
  isOnWhatsApp: boolean;
  /** A landline, or a number given up. */
  hasDeadPhone: boolean;
};

type Names = { weight: number; first: string; last: string; domains: readonly string[] };

/** `written|latin` where a name is not written in Latin letters. */
const NAMES: Readonly<Record<Language, Names>> = {
  en: {
    weight: 34,
    first:
      "Amelia Oliver Isla Harry Freya Noah Imogen Callum Maeve Declan Priya Kwame Niamh Rhys Tamsin Aaron Beatrix Joel Siobhán Zadie",
    last: "Whitfield Okafor Hughes Marlowe Pemberton Doyle Ashworth Bhatt Kinsella Trevelyan Lockwood Adeyemi Fairley Sharpe Holloway Nkemelu Redfern Sutcliffe",
    domains: [
      "post.example.com",
      "inbox.example.org",
      "mail.example.net",
      "home.example.com",
      "studio.example.org",
    ],
  },
  de: {
    weight: 24,
    first:
      "Jürgen Käthe Lukas Annika Björn Sören Heike Matthäus Frieda Jörg Mareike Tobias Gülcan Leonie Henning Ute",
    last: "Schröder Böhmer Großkopf Weißhaupt Kühn Lindemann Petersen Vogelsang Hübner Brandstätter Özkan Thießen Wagenknecht Römer",
    domains: ["postfach.example.org", "briefkasten.example.net", "kanzlei.example.org", "uni.example.net"],
  },
  fr: {
    weight: 12,
    first: "Zoé Léa Théo Chloé Aurélien Hélène Maëlle Gaël Inès Bérénice Loïc Noémie",
    last: "Lefèvre Béranger Gauthier Fournier Châtelain Desrosiers Mérieux Barthélemy Crépin Vauquelin",
    domains: ["courrier.example.org", "boite.example.net", "lycee.example.com"],
  },
  es: {
    weight: 8,
    first: "Lucía Íñigo Begoña Martín Ximena Tomás Nuria Adrián Rocío Gonzalo",
    last: "Muñoz Ibáñez Peñalver Cordón Zabaleta Otero Castaño Quiñones",
    domains: ["correo.example.com", "buzon.example.org"],
  },
  pl: {
    weight: 5,
    first: "Łukasz Małgorzata Wojciech Zofia Grażyna Michał Żaneta Stanisław",
    last: "Wiśniewska Wójcik Żurawski Kołodziej Dąbek Sienkiewicz",
    domains: ["poczta.example.net", "skrzynka.example.org"],
  },
  it: {
    weight: 4,
    first: "Niccolò Chiara Matteo Ginevra Beatrice Tommaso",
    last: "Bonfanti Caruso Dell'Orto Rinaldi Vezzoli",
    domains: ["posta.example.com"],
  },
  nl: {
    weight: 4,
    first: "Sanne Joost Fleur Daan Marieke Thijs",
    last: "Hoekstra Verbruggen Zonneveld Kuiper",
    domains: ["brievenbus.example.org"],
  },
  pt: {
    weight: 3,
    first: "João Inês Conceição Duarte Simão",
    last: "Magalhães Sequeira Brandão Falcão",
    domains: ["correio.example.net"],
  },
  tr: {
    weight: 2,
    first: "Elif Çağla Emre Gökhan Şule",
    last: "Yıldız Kılıç Öztürk Demirağ",
    domains: ["eposta.example.org"],
  },
  ja: {
    weight: 2,
    first: "陽菜|hina 蓮|ren 美咲|misaki 大輔|daisuke",
    last: "佐藤|sato 高橋|takahashi 中村|nakamura",
    domains: ["yubin.example.net"],
  },
  zh: {
    weight: 1,
    first: "雅婷|yating 志明|zhiming 怡君|yijun",
    last: "陳|chen 林|lin 黃|huang",
    domains: ["xinxiang.example.com"],
  },
  ar: {
    weight: 0.7,
    first: "ليلى|layla يوسف|yusuf مريم|maryam",
    last: "حداد|haddad الخطيب|alkhatib",
    domains: ["barid.example.org"],
  },
  he: {
    weight: 0.3,
    first: "נועה|noa איתן|eitan",
    last: "ברק|barak שקד|shaked",
    domains: ["doar.example.net"],
  },
};

/** Businesses that order all the time: they lead the list of recipients. */
const BUSINESSES: readonly [string, string, Language][] = [
  ["purchasing", "brightwater-hotel.example.com", "en"],
  ["einkauf", "gasthof-linde.example.org", "de"],
  ["kitchen", "harbour-cafe.example.net", "en"],
  ["frontdesk", "dental-on-the-quay.example.com", "en"],
  ["commandes", "bistrot-du-canal.example.org", "fr"],
  ["office", "alder-architects.example.net", "en"],
  ["zamowienia", "piekarnia-pod-lipa.example.org", "pl"],
  ["empfang", "praxis-am-markt.example.com", "de"],
];

const REGULARS = 300;

const LATIN: Readonly<Record<string, string>> = { ß: "ss", ł: "l", ı: "i", "'": "" };

function asciiOf(name: string): string {
  const latin = name.split("|")[1] ?? name;
  return latin
    .toLowerCase()
    .normalize("NFD")
    .replace(/\p{M}/gu, "")
    .replace(/[ßłı']/g, (letter) => LATIN[letter] ?? "");
}

/** Numbers from the ranges that regulators keep for films and books: nobody's phone rings. */
function fictitiousPhone(random: Random, language: Language): string {
  const digits = (length: number) => random.text("0123456789", length);
  switch (language) {
    case "fr":
      return `+3363998${digits(4)}`;
    case "de":
      return `+49${random.pick(["3023125", "6990009", "4066969", "8999998", "2214710"])}${digits(3)}`;
    case "en":
      if (random.chance(0.6)) return `+447700900${digits(3)}`;
  }
  return `+1${random.integer(2, 9)}${random.integer(0, 8)}${random.integer(2, 9)}55501${digits(2)}`;
}

export const LANGUAGE_WEIGHTS = LANGUAGES.map((value) => ({ value, weight: NAMES[value].weight }));

/** The customers, the most active ones first. */
export function createPeople(random: Random, count: number): Person[] {
  const people: Person[] = [];
  const taken = new Set<string>();
  while (people.length < count) {
    const business = BUSINESSES[people.length];
    const language = business?.[2] ?? random.weighted(LANGUAGE_WEIGHTS);
    const names = NAMES[language];
    const first = random.pick(names.first.split(" "));
    const last = random.pick(names.last.split(" "));
    const domain = business?.[1] ?? random.pick(names.domains);
    let local = business?.[0] ?? localPart(random, asciiOf(first), asciiOf(last));
    if (taken.has(`${local}@${domain}`)) local += random.integer(2, 999);
    if (taken.has(`${local}@${domain}`)) continue;
    let phone = fictitiousPhone(random, language);
    while (taken.has(phone)) phone = fictitiousPhone(random, language);
    taken.add(`${local}@${domain}`).add(phone);
    // Whoever hears from us every day can be reached, or would have complained.
    const isRegular = people.length < REGULARS;
    people.push({
      id: `Q${100_000 + people.length * 7}`,
      firstName: first.split("|")[0] ?? first,
      language,
      email: `${local}@${domain}`,
      phone,
      hasDeadMailbox: !isRegular && random.chance(0.016),
      isOnWhatsApp: isRegular || random.chance(0.974),
      hasDeadPhone: !isRegular && random.chance(0.014),
    });
  }
  return people;
}

function localPart(random: Random, first: string, last: string): string {
  return random.pick([
    `${first}.${last}`,
    `${first}.${last}`,
    `${first.charAt(0)}${last}`,
    `${first}_${last}`,
    `${last}.${first}`,
  ]);
}

/** A customer for everyday traffic: the active ones come up much more often. */
export function activePerson(random: Random, people: readonly Person[]): Person {
  const person = people[Math.floor(people.length * random.next() ** 1.6)];
  return person ?? random.pick(people);
}
