import { useId, useState } from "react";

import { act, address } from "../../api/client";
import { Dialog } from "../../components/Dialog";
import { Check, TextField } from "../../components/fields";

interface Properties {
  readonly id: string;
  readonly onClose: () => void;
}

/** Start no more steps. */
export function PauseDialog({ id, onClose }: Properties) {
  const name = useId();
  const [reason, setReason] = useState("");
  const [now, setNow] = useState(false);
  const [checkpoint, setCheckpoint] = useState(false);
  const [minutes, setMinutes] = useState("");
  const wrong =
    minutes !== "" && !/^\d{1,6}$/.test(minutes) ? "This has to be a whole number." : "";
  const pause = async () => {
    const timeout = minutes === "" ? {} : { timeout: Number(minutes) * 60 };
    await act("POST", address(["workflows", id, "pause"]), { reason, now, checkpoint, ...timeout });
  };
  return (
    <Dialog
      title={`Pause ${id}?`}
      action="Pause it"
      blocked={wrong !== ""}
      onConfirm={pause}
      onClose={onClose}
    >
      <p>No more steps start. It keeps its locks and gives its capacity back.</p>
      <TextField id={`${name}r`} label="Reason" value={reason} onChange={setReason} />
      <Check checked={now} onChange={setNow}>
        Stop running steps now instead of letting them finish
      </Check>
      <Check checked={checkpoint} onChange={setCheckpoint}>
        Take a checkpoint
      </Check>
      <TextField
        id={`${name}m`}
        label="Go on by itself after minutes"
        hint="Empty: it waits until somebody resumes it."
        value={minutes}
        wrong={wrong}
        onChange={setMinutes}
      />
    </Dialog>
  );
}
