import { TextField } from "../../components/fields";
import { Select } from "../../components/Select";
import { CATCH_UP, DST, type Draft, jitterObjection, meaning, OVERLAP, type Policy } from "./draft";

interface Properties {
  readonly draft: Draft;
  readonly change: (part: Partial<Draft>) => void;
}

/** What happens where the clock, the daemon or an earlier workflow is in the way. */
export function Policies({ draft, change }: Properties) {
  return (
    <div className="fields">
      <Select
        id="dst"
        label="When the clock changes"
        value={draft.dst}
        options={titles(DST)}
        hint={meaning(DST, draft.dst)[1]}
        onChange={(dst) => {
          change({ dst });
        }}
      />
      <Select
        id="catch-up"
        label="After the server was down"
        value={draft.catchUp}
        options={titles(CATCH_UP)}
        hint={meaning(CATCH_UP, draft.catchUp)[1]}
        onChange={(catchUp) => {
          change({ catchUp });
        }}
      />
      <Select
        id="overlap"
        label="If the earlier one still runs"
        value={draft.overlap}
        options={titles(OVERLAP)}
        hint={meaning(OVERLAP, draft.overlap)[1]}
        onChange={(overlap) => {
          change({ overlap });
        }}
      />
      <TextField
        id="jitter"
        label="Jitter, in seconds"
        hint="Puts each slot off by its own share of that time."
        value={draft.jitter}
        wrong={jitterObjection(draft.jitter)}
        onChange={(jitter) => {
          change({ jitter });
        }}
      />
    </div>
  );
}

function titles(policies: readonly Policy[]): readonly (readonly [string, string])[] {
  return policies.map(([value, title]) => [value, title]);
}
