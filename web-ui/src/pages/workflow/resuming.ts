/** What a resume would do with one step. */
export interface ResumeLine {
  readonly path: string;
  readonly action: string;
  readonly why: string;
}

export interface ResumePlan {
  readonly lines: readonly ResumeLine[];
  readonly warnings: readonly string[];
  readonly needs_yes: boolean;
}

export interface Summarised {
  readonly key: string;
  readonly action: string;
  readonly text: string;
}

const MOST = 30;

/**
 * The plan as a person reads it: steps that are reused are told in one line where several follow one
 * another, and a long plan ends with how much more there is.
 */
export function summary(lines: readonly ResumeLine[]): readonly Summarised[] {
  const found: Summarised[] = [];
  let reused: string[] = [];
  const flush = () => {
    const [first] = reused;
    if (first === undefined) return;
    const text =
      reused.length < 3
        ? reused.join(", ")
        : `${reused.length} steps, ${first} to ${reused.at(-1) ?? ""}`;
    found.push({ key: `reuse ${first}`, action: "reuse", text });
    reused = [];
  };
  for (const line of lines) {
    if (line.action === "reuse") {
      reused.push(line.path);
      continue;
    }
    flush();
    const why = line.why === "" ? "" : ` (${line.why})`;
    found.push({ key: `${line.action} ${line.path}`, action: line.action, text: line.path + why });
  }
  flush();
  if (found.length <= MOST) return found;
  const rest = found.length - MOST;
  return [...found.slice(0, MOST), { key: "rest", action: "…", text: `and ${rest} more` }];
}
