import { TextField } from "../../components/fields";
import { Select } from "../../components/Select";
import { CATCH_UP, DST, type Draft, jitterObjection, OVERLAP } from "./draft";

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
        options={DST}
        onChange={(dst) => {
          change({ dst });
        }}
      />
      <Select
        id="catch-up"
        label="After the server was down"
        value={draft.catchUp}
        options={CATCH_UP}
        onChange={(catchUp) => {
          change({ catchUp });
        }}
      />
      <Select
        id="overlap"
        label="If the earlier one still runs"
        value={draft.overlap}
        options={OVERLAP}
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
