import { SENDERS, type Template, template } from "./template.ts";

/** Everyday traffic, with how often each comes up on its channel. */
export const EVERYDAY: readonly { weight: number; value: Template }[] = [
  {
    weight: 30,
    value: template(
      "email",
      "order-confirmation",
      "Order confirmation",
      "orders",
      "transactional",
      SENDERS.shop,
      "order",
      {
        en: "Thank you, {first}! We have your order {order}: {item}, {amount} in all. We write again when it leaves us.",
        de: "Vielen Dank, {first}! Ihre Bestellung {order} ist bei uns eingegangen: {item}, zusammen {amount}.",
        fr: "Merci {first} ! Votre commande {order} est bien enregistrée : {item}, {amount} au total.",
        es: "¡Gracias, {first}! Hemos recibido tu pedido {order}: {item}, {amount} en total.",
        pl: "Dziękujemy, {first}! Przyjęliśmy zamówienie {order}: {item}, razem {amount}.",
      },
    ),
  },
  {
    weight: 22,
    value: template(
      "email",
      "order-shipped",
      "Order shipped",
      "delivery",
      "transactional",
      SENDERS.shop,
      "parcel",
      {
        en: "{first}, your order {order} is on its way. It should be with you on {date}. Follow it here: {url}",
        de: "{first}, Ihre Bestellung {order} ist unterwegs und soll am {date} bei Ihnen sein. Sendung verfolgen: {url}",
        fr: "{first}, votre commande {order} est en route. Livraison prévue le {date}. Suivi : {url}",
        it: "{first}, il tuo ordine {order} è in viaggio. Consegna prevista il {date}: {url}",
        ja: "{first}様、ご注文 {order} を発送しました。お届け予定日は {date} です。{url}",
      },
    ),
  },
  {
    weight: 9,
    value: template(
      "email",
      "password-reset",
      "Password reset",
      "account",
      "security",
      SENDERS.bank,
      "account",
      {
        en: "Someone, we hope it was you, asked to reset the password of your Quillmoor account from {device}. The link is good for 30 minutes.",
        de: "Für Ihr Quillmoor-Konto wurde mit {device} ein neues Passwort angefordert. Der Link gilt 30 Minuten.",
      },
    ),
  },
  {
    weight: 12,
    value: template("email", "invoice", "Invoice", "billing", "transactional", SENDERS.bank, "invoice", {
      en: "Your invoice {invoice} over {amount} is ready. It is due on {due}: {url}",
      de: "Ihre Rechnung {invoice} über {amount} liegt bereit. Fällig am {due}: {url}",
      fr: "Votre facture {invoice} de {amount} est disponible, à régler avant le {due} : {url}",
      nl: "Uw factuur {invoice} van {amount} staat klaar. Te betalen voor {due}: {url}",
    }),
  },
  {
    weight: 8,
    value: template(
      "email",
      "appointment-confirmation",
      "Appointment confirmation",
      "appointments",
      "transactional",
      SENDERS.clinic,
      "appointment",
      {
        en: "Dear {first}, we look forward to seeing you on {date} at {time} for your {visit} with {doctor}, {clinic} clinic.",
        de: "Guten Tag {first}, Ihr Termin ({visit}) bei {doctor}, Praxis {clinic}: {date} um {time} Uhr.",
      },
    ),
  },
  {
    weight: 28,
    value: template(
      "whatsapp",
      "delivery-update",
      "Delivery update",
      "delivery",
      "transactional",
      SENDERS.whatsapp,
      "parcel",
      {
        en: "📦 Hi {first}, your parcel for {order} arrives tomorrow between {window}. Not at home? {url}",
        de: "📦 Hallo {first}, Ihr Paket zu {order} kommt morgen zwischen {window}. Nicht da? {url}",
        es: "📦 Hola {first}, tu paquete del pedido {order} llega mañana entre {window}. {url}",
        pt: "📦 Olá {first}, a sua encomenda {order} chega amanhã entre as {window}. {url}",
        tr: "📦 Merhaba {first}, {order} numaralı siparişiniz yarın {window} arasında gelecek. {url}",
        ar: "📦 مرحبًا {first}، ستصل شحنتك {order} غدًا بين {window}. {url}",
      },
    ),
  },
  {
    weight: 12,
    value: template(
      "whatsapp",
      "pickup-ready",
      "Ready for pick-up",
      "delivery",
      "transactional",
      SENDERS.whatsapp,
      "order",
      {
        en: "Good news, {first}: {item} is ready for you at the shop. We keep {order} for 7 days. 🌿",
        fr: "Bonne nouvelle, {first} : {item} vous attend en boutique. Commande {order}, gardée 7 jours. 🌿",
        zh: "{first} 您好，{item} 已到店，訂單 {order} 將為您保留 7 天。🌿",
      },
    ),
  },
  {
    weight: 14,
    value: template(
      "whatsapp",
      "appointment-confirmed",
      "Appointment confirmed",
      "appointments",
      "transactional",
      SENDERS.whatsapp,
      "appointment",
      {
        en: "✅ {first}, your {visit} is booked: {date}, {time}, {clinic} clinic, {doctor}. Reply 2 to move it.",
        de: "✅ {first}, Ihr Termin steht: {visit}, {date}, {time} Uhr, Praxis {clinic}, {doctor}. Zum Verschieben 2 antworten.",
        he: "✅ {first}, התור נקבע: {date} בשעה {time}, מרפאת {clinic}, {doctor}.",
      },
    ),
  },
  {
    weight: 36,
    value: template("sms", "verification-code", "Verification code", "security", "otp", SENDERS.sms, "code", {
      en: "{code} is your Quillmoor code. It is good for 10 minutes. We never ask you for it by phone.",
      de: "{code} ist Ihr Quillmoor-Code, gültig für 10 Minuten. Wir fragen nie am Telefon danach.",
      fr: "{code} est votre code Quillmoor, valable 10 minutes. Ne le communiquez à personne.",
      pl: "{code} to Twój kod Quillmoor, ważny 10 minut. Nikomu go nie podawaj.",
      ja: "Quillmoor の認証コードは {code} です。10 分間有効です。",
    }),
  },
  {
    weight: 18,
    value: template("sms", "card-payment", "Card payment", "payments", "alert", SENDERS.sms, "card", {
      en: "Quillmoor Pay: {amount} at {merchant}, card ending {last4}. Not you? Reply STOP.",
      de: "Quillmoor Pay: {amount} bei {merchant}, Karte {last4}. Nicht Sie? STOP antworten.",
    }),
  },
  {
    weight: 13,
    value: template(
      "sms",
      "delivery-today",
      "Delivery today",
      "delivery",
      "transactional",
      SENDERS.sms,
      "parcel",
      {
        en: "Quillmoor: order {order} comes today, {window}. {url}",
        de: "Quillmoor: Bestellung {order} kommt heute, {window}. {url}",
        es: "Quillmoor: el pedido {order} llega hoy, {window}. {url}",
      },
    ),
  },
];
