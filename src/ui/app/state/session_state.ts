import { signal } from "@preact/signals";
import { ApiError } from "../api/client.ts";
import { getSession, type Session, signIn, signOut } from "../api/session.ts";

/** Who is signed in; `undefined` while nobody knows, `null`: nobody. */
export const session = signal<Session | null | undefined>(undefined);
/** Why it is not known who is signed in. */
export const sessionError = signal<unknown>(undefined);

/** Asks who is signed in. */
export async function refreshSession(): Promise<void> {
  try {
    session.value = await getSession();
    sessionError.value = undefined;
  } catch (error) {
    if (error instanceof ApiError && error.status === 401) session.value = null;
    else sessionError.value = error;
  }
}

/** Signs in with a token. @throws {ApiError} 401 for an unknown one */
export async function enter(token: string): Promise<void> {
  await signIn(token);
  await refreshSession();
}

/** Signs out; nothing of what was shown stays. */
export async function leave(): Promise<void> {
  await signOut();
  session.value = null;
}

/** Whether the session may use a right. */
export function mayNow(right: "read" | "delete" | "admin"): boolean {
  const now = session.value;
  return now !== null && now !== undefined && (now.admin || now[right]);
}
