import type { Finding } from "./types";

/** A refusal of the server (problem+json), or that it could not be reached. */
export class Problem extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly code = "",
    readonly hint = "",
    readonly retryAfter: number | null = null,
    /** What is wrong with a playbook that was refused. */
    readonly findings: readonly Finding[] = [],
  ) {
    super(message);
    this.name = "Problem";
  }

  /** Whatever was thrown, as something that can be shown. */
  static of(thrown: unknown): Problem {
    if (thrown instanceof Problem) return thrown;
    return new Problem(0, thrown instanceof Error ? thrown.message : "Something went wrong.");
  }

  /** The server could not be reached. */
  static unreachable(): Problem {
    return new Problem(
      0,
      "The server cannot be reached.",
      "",
      "Is `orchestrate serve` still running, and is the network there? Then try again.",
    );
  }

  /** What an answer that is not a success says. */
  static async from(response: Response): Promise<Problem> {
    const after = Number(response.headers.get("retry-after") ?? "");
    const said = await bodyOf(response);
    const message =
      text(said.detail) || text(said.title) || `The server answered ${response.status}.`;
    return new Problem(
      response.status,
      message,
      text(said.code),
      text(said.hint),
      Number.isFinite(after) && after > 0 ? after : null,
      Array.isArray(said.problems) ? (said.problems as Finding[]) : [],
    );
  }
}

async function bodyOf(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {};
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
