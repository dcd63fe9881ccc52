import { Problem } from "./problem";
import { leave, OVER, token } from "./session";
import type { Json } from "./types";

const BASE = "/api/v1";

export type Query = Readonly<Record<string, string | readonly string[] | number | undefined>>;

/** The address of a resource, each part of the path encoded: `/` in a name becomes `%2F`. */
export function address(parts: readonly string[], query: Query = {}): string {
  const asked = new URLSearchParams();
  for (const [name, value] of Object.entries(query)) {
    if (value === undefined || value === "") continue;
    if (Array.isArray(value)) for (const one of value as string[]) asked.append(name, one);
    else asked.append(name, String(value));
  }
  const text = asked.toString();
  return `${BASE}/${parts.map(encodeURIComponent).join("/")}${text === "" ? "" : `?${text}`}`;
}

interface Options {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly text?: string;
  readonly signal?: AbortSignal;
}

/** One request. Throws a `Problem` for every answer that is not a success. */
export async function request(where: string, options: Options = {}): Promise<Response> {
  const { method = "GET", body, signal } = options;
  const headers: Record<string, string> = { accept: "application/json", ...options.headers };
  if (method !== "GET") headers["x-csrf-token"] = token();
  const asked: RequestInit = { method, headers, credentials: "same-origin", cache: "no-store" };
  if (body !== undefined) {
    headers["content-type"] = "application/json";
    asked.body = JSON.stringify(body);
  } else if (options.text !== undefined) {
    headers["content-type"] = "text/yaml; charset=utf-8";
    asked.body = options.text;
  }
  if (signal !== undefined) asked.signal = signal;
  let response: Response;
  try {
    response = await window.fetch(where, asked);
  } catch (thrown) {
    if (signal?.aborted === true) throw thrown;
    throw Problem.unreachable();
  }
  if (response.ok) return response;
  const problem = await Problem.from(response);
  if (response.status === 401) leave(OVER);
  throw problem;
}

/** What is there, as JSON. The caller says which type the API promises. */
export async function read<T>(where: string, signal?: AbortSignal): Promise<T> {
  const response = await request(where, signal === undefined ? {} : { signal });
  return (await response.json()) as T;
}

/** Have something done; the answer as JSON, or null if there is none. */
export async function act<T = Json>(
  method: "POST" | "PUT" | "PATCH" | "DELETE",
  where: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<T | null> {
  const response = await request(where, { method, body, headers });
  const text = await response.text();
  return text === "" ? null : (JSON.parse(text) as T);
}

/** A key under which a request to create something counts once, however often it is sent. */
export function onceKey(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
}
