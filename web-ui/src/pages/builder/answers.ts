import type { Finding } from "../../api/types";
import type { Scopes } from "../../builder/completion";
import type { Path } from "../../builder/source";

/** A finding, and at which node of the document it is; null, if at none. */
export interface Placed extends Finding {
  readonly path?: Path | null;
}

/** What `POST /check` answers with. */
export interface Checked {
  readonly valid: boolean;
  readonly findings: readonly Placed[];
  readonly scopes?: Scopes | null;
}
