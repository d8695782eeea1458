/** What the messages are made of. `{…}` stands for what differs from message to message. */

export type Channel = "email" | "sms" | "whatsapp" | "chat" | "push";

export const CHANNELS: readonly { value: Channel; weight: number }[] = [
  { value: "email", weight: 55 },
  { value: "sms", weight: 20 },
  { value: "whatsapp", weight: 15 },
  { value: "chat", weight: 8 },
  { value: "push", weight: 2 },
];

export type Template = { id: string; name: string; topic: string; type: string; text: string };

export const TEMPLATES: readonly { value: Template; weight: number }[] = [
  template(
    20,
    "order-confirmation",
    "orders",
    "transactional",
    "Hello {name}, thank you for order {order}. We will tell you as soon as it has been shipped; until then you can change the address in your account.",
  ),
  template(
    16,
    "shipping-notice",
    "shipping",
    "transactional",
    "Good news, {name}: order {order} has been shipped and should arrive within {small} days. Follow the parcel with the number {tracking}.",
  ),
  template(
    12,
    "newsletter",
    "news",
    "campaign",
    "{name}, this week we picked {small} offers for you, from garden chairs to coffee makers. They end on Sunday night, and delivery is free above 40 euros.",
  ),
  template(
    10,
    "login-code",
    "security",
    "code",
    "Your login code is {code}. It is valid for ten minutes. Never give it to anyone, not even to our own staff.",
  ),
  template(
    9,
    "appointment-reminder",
    "appointments",
    "reminder",
    "Dear {name}, we expect you on the {small}. at {hour}:30. If you can't come, please tell us a day before by answering this message.",
  ),
  template(
    8,
    "invoice",
    "billing",
    "transactional",
    "Invoice {order} of {amount} euros is ready, {name}. It is due within 14 days; you find it in your account as a PDF.",
  ),
  template(
    6,
    "payment-failed",
    "billing",
    "alert",
    "{name}, the payment for invoice {order} was declined by your bank. Please choose another card before the {small}., or your access ends.",
  ),
  template(
    6,
    "welcome",
    "accounts",
    "campaign",
    "Welcome, {name}! Your account is ready. Start with the short tour, and write to us whenever something is not clear.",
  ),
  template(
    5,
    "password-reset",
    "security",
    "code",
    "Someone asked for a new password for your account, {name}. If it was you, use the code {code}; if not, ignore this message.",
  ),
  template(
    4,
    "survey",
    "feedback",
    "campaign",
    "How did we do, {name}? Three questions about order {order}, one minute, and a voucher of {small} euros for you.",
  ),
  template(
    3,
    "lieferung-verspätet",
    "shipping",
    "alert",
    "Guten Tag {name}, Ihre Bestellung {order} verspätet sich leider um {small} Tage. Wir bitten um Entschuldigung für die Verzögerung.",
  ),
  template(
    1,
    "hassou-annai",
    "shipping",
    "transactional",
    "{name}様、ご注文{order}の商品を発送しました。到着まで{small}日ほどお待ちください。",
  ),
];

function template(
  weight: number,
  id: string,
  topic: string,
  type: string,
  text: string,
): { value: Template; weight: number } {
  const name = id.charAt(0).toUpperCase() + id.slice(1).replaceAll("-", " ");
  return { weight, value: { id, name, topic, type, text } };
}

export const ERRORS: readonly string[] = [
  "Connection to mx{n}.mail.example timed out after {ms} ms",
  "550 5.1.1 mailbox unavailable (queue id {hex})",
  "552 5.2.2 mailbox full: {kb} KB over quota",
  "421 4.7.0 try again later, rate limited for {n} s",
  "554 5.7.1 message rejected as spam, score {score}",
  "DNS lookup failed for relay-{n}.example",
  "TLS handshake with 10.0.{n}.{m} failed: certificate expired",
  "HTTP 429 from provider: retry after {n} s",
  "HTTP 500 from provider, request {hex}",
  "HTTP 503 from provider, request {hex}",
  "Unknown subscriber +49151{digits}",
  "Number +49170{digits} is not on WhatsApp",
  "Template {n} is not approved for this sender",
  "The 24 hour window closed {n} minutes ago",
  "Carrier {n} blocked the message as spam",
  "Handset unreachable since {n} h",
  "SMSC error {n}: absent subscriber",
  "SMSC error {n}: memory capacity exceeded",
  "Push token {hex} is no longer registered",
  "Payload of {kb} KB is larger than allowed",
  "Socket hang up after {ms} ms",
  "ECONNRESET by 192.168.{n}.{m}",
  "ENOTFOUND api{n}.provider.example",
  "Insufficient credit: {n} credits left",
  "Sender domain not verified (check {hex})",
  "Recipient opted out on day {n}",
  "Invalid address: part {n} has no domain",
  "Duplicate of request {hex}, dropped",
  "Attachment {n} could not be fetched: 404",
  "Worker {n} gave up after {m} attempts",
];

export const NAMES: readonly string[] =
  "Anna Ben Carla David Elif Felix Greta Hakan Ines Jonas Katja Liam Mira Noah Olga Paul Quinn Rosa Samir Tilda Uwe Vera Wim Xenia Yara Zoé Björn Łukasz Şeyma José".split(
    " ",
  );

/** Weighted to the front: few providers have most mailboxes. */
export const DOMAINS: readonly string[] = Array.from({ length: 60 }, (_, index) =>
  index < 8 ? `bigmail${index}.example` : `company${index}.example`,
);
