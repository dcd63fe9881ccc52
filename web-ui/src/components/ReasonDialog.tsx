import { type ReactNode, useId, useState } from "react";

import { Dialog } from "./Dialog";
import { TextField } from "./fields";

interface Properties {
  readonly title: string;
  readonly action: string;
  readonly children: ReactNode;
  readonly danger?: boolean;
  /** It cannot be done without a reason. */
  readonly needed?: boolean;
  readonly onConfirm: (reason: string) => Promise<void>;
  readonly onClose: () => void;
}

/** A question with a reason, which is kept. */
export function ReasonDialog(properties: Properties) {
  const {
    title,
    action,
    children,
    danger = false,
    needed = false,
    onConfirm,
    onClose,
  } = properties;
  const id = useId();
  const [reason, setReason] = useState("");
  return (
    <Dialog
      title={title}
      action={action}
      danger={danger}
      blocked={needed && reason.trim() === ""}
      onConfirm={() => onConfirm(reason)}
      onClose={onClose}
    >
      {children}
      <TextField
        id={id}
        label="Reason"
        hint={needed ? "Needed; it is kept in the audit." : "It is kept in the audit."}
        value={reason}
        onChange={setReason}
      />
    </Dialog>
  );
}
