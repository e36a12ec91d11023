import { getJson, send } from "./client.ts";

/** Who is signed in and what the token may do. */
export interface Session {
  readonly name: string;
  readonly read: boolean;
  readonly delete: boolean;
  readonly admin: boolean;
  /** Services, or `"*"` for any. */
  readonly write: readonly string[] | "*";
}

/** The session of this browser. @throws {ApiError} 401 without one */
export function getSession(): Promise<Session> {
  return getJson("/session");
}

/** Signs in. @throws {ApiError} 401 for an unknown token */
export async function signIn(token: string): Promise<void> {
  await send("/session", {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({ token }),
  });
}

/** Ends the session. */
export async function signOut(): Promise<void> {
  await send("/session", { method: "DELETE" });
}

/** What a session may do, as a phrase. */
export function describeRights(session: Session): string {
  if (session.admin) return "may do everything";
  const rights: string[] = [];
  if (session.read) rights.push("read");
  if (session.delete) rights.push("delete");
  if (session.write === "*") rights.push("write for any service");
  else if (session.write.length > 0) rights.push(`write for ${session.write.join(", ")}`);
  const last = rights.pop();
  if (last === undefined) return "may do nothing";
  return `may ${rights.length === 0 ? last : `${rights.join(", ")} and ${last}`}`;
}
