import { Dialog } from "../../components/Dialog";

interface Properties {
  readonly go: () => void;
  readonly onClose: () => void;
}

/** Asks before a page with unsaved changes is left. */
export function LeaveDialog({ go, onClose }: Properties) {
  return (
    <Dialog
      title="Leave without saving?"
      action="Throw my changes away"
      danger
      onConfirm={() => {
        go();
        return Promise.resolve();
      }}
      onClose={onClose}
    >
      <p>What you changed here is not saved, and is lost when you go on.</p>
    </Dialog>
  );
}
