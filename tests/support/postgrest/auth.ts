import { createHmac, timingSafeEqual } from "node:crypto";
import type { IncomingHttpHeaders } from "node:http";
import { type Refusal, refuse } from "./errors.ts";

export type Role = "anon" | "authenticated" | "service_role";
export type Claims = { role: Role; exp?: number };

/** A key as Supabase makes them: a JWT with a role, signed with the project's secret. */
export function signKey(claims: Claims, secret: string): string {
  const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString("base64url");
  const signed = `${encode({ alg: "HS256", typ: "JWT" })}.${encode({ iss: "supabase", ...claims })}`;
  return `${signed}.${signature(signed, secret).toString("base64url")}`;
}

/** The gateway looks at the key, then PostgREST at the token; whose role it is, or why not. */
export function authorize(headers: IncomingHttpHeaders, secret: string): Claims | Refusal {
  const { apikey, authorization } = headers;
  const hint = "Double check your Supabase `anon` or `service_role` API key.";
  if (typeof apikey !== "string")
    return {
      status: 401,
      body: {
        message: "No API key found in request",
        hint: "No `apikey` request header or url param was found.",
      },
    };
  if (verify(apikey, secret) === null) return { status: 401, body: { message: "Invalid API key", hint } };
  const token = /^Bearer (.+)$/i.exec(authorization ?? "")?.[1];
  if (token === undefined) return { role: "anon" };
  const claims = verify(token, secret);
  if (claims === null) return refuse(401, "PGRST301", "No suitable key was found to decode the JWT");
  // PostgREST allows for clocks that differ by half a minute.
  if (claims.exp !== undefined && claims.exp < Date.now() / 1000 - 30)
    return refuse(401, "PGRST303", "JWT expired");
  return claims;
}

function verify(token: string, secret: string): Claims | null {
  const [header, payload, given] = token.split(".");
  if (header === undefined || payload === undefined || given === undefined) return null;
  const own = signature(`${header}.${payload}`, secret);
  const theirs = Buffer.from(given, "base64url");
  if (own.length !== theirs.length || !timingSafeEqual(own, theirs)) return null;
  return JSON.parse(Buffer.from(payload, "base64url").toString("utf8")) as Claims;
}

function signature(text: string, secret: string): Buffer {
  return createHmac("sha256", secret).update(text).digest();
}
