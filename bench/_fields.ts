/** @module The variable parts of generated messages, each a way of writing one random value. */

import type { Random } from "./_random.ts";

const FIRST_NAMES = (
  "amelie ben chloe david emre fatima georg hanna ivan julia kofi lena marco nadia " +
  "oscar petra ravi sofia tim yuki"
).split(" ");

const LAST_NAMES = "adler brown costa dubois eriksen fischer greco horvat ito jensen klein lopez"
  .split(" ");

const MAIL_DOMAINS = ["example.com", "mail.example.net", "team.example.org", "shop.example.eu"];

const HEX = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, "0"));

function hex32(value: number): string {
  return HEX[value >>> 24]! + HEX[(value >>> 16) & 255]! + HEX[(value >>> 8) & 255]! +
    HEX[value & 255]!;
}

/** A UUID of version 4 (RFC 9562, section 5.4). */
function uuid(random: Random): string {
  const a = hex32(random.next());
  const b = hex32(random.next());
  const c = hex32(random.next());
  const d = hex32(random.next());
  return `${a}-${b.slice(0, 4)}-4${b.slice(5)}-a${c.slice(1, 4)}-${c.slice(4)}${d}`;
}

function ip(random: Random): string {
  const bits = random.next();
  return `${random.between(11, 223)}.${bits & 255}.${(bits >>> 8) & 255}.${(bits >>> 16) & 255}`;
}

function email(random: Random): string {
  const name = `${random.pick(FIRST_NAMES)}.${random.pick(LAST_NAMES)}`;
  return `${name}${random.between(0, 1000)}@${random.pick(MAIL_DOMAINS)}`;
}

/** Milliseconds as services take them: a log-normal distribution around 27 with a long tail. */
function milliseconds(random: Random): string {
  return String(1 + Math.floor(Math.exp(3.3 + random.normal())));
}

/** What a `{name}` in a template stands for. */
export const FIELDS: Readonly<Record<string, (random: Random) => string>> = {
  bool: (random) => random.fraction() < 0.5 ? "true" : "false",
  digit: (random) => String(random.between(1, 10)),
  email,
  eur: (random) => (5 + random.fraction() * 400).toFixed(2),
  ip,
  ms: milliseconds,
  number: (random) => String(random.between(10, 5000)),
  order: (random) => String(random.between(1_000_000, 10_000_000)),
  percent: (random) => String(random.between(1, 100)),
  us: (random) => String(random.between(20, 9000)),
  user: (random) => String(random.between(1, 200_000)),
  uuid,
};
