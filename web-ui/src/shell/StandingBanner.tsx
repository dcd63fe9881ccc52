import { act, address } from "../api/client";
import type { Hold } from "../api/project";
import { useMay } from "../api/session";
import { AskButton } from "../components/AskButton";
import { Dialog } from "../components/Dialog";
import { Moment } from "../components/Moment";
import { useNow } from "../components/useNow";
import { useInbox } from "../live/inbox";

/** On every page: that nothing new begins now, since when, by whom and why. */
export function StandingBanner() {
  const { hold } = useInbox();
  const standing = hold.value;
  if (standing === null || (!standing.held && standing.freezes.length === 0)) return null;
  return (
    <div className="stack standing" role="status">
      {standing.held ? <Held hold={standing} reload={hold.reload} /> : null}
      {standing.freezes.map((one) => (
        <p className="banner" key={`${one.name} ${one.until}`}>
          <strong>Frozen: {one.name}.</strong>
          <span>
            No workflow begins in {one.environments?.join(", ") ?? "any environment"}
            {one.allow_priority === null ? "" : ` below priority ${one.allow_priority}`}
            {one.until === null ? "" : <Until at={one.until} />}.
          </span>
        </p>
      ))}
    </div>
  );
}

function Until({ at }: { at: string }) {
  const now = useNow(true);
  return (
    <>
      ; it ends <Moment at={at} now={now} />
    </>
  );
}

function Held({ hold, reload }: { hold: Hold; reload: () => void }) {
  const admin = useMay("admin");
  const now = useNow(true);
  return (
    <div className="banner">
      <strong>New workflows are held{hold.actor === null ? "" : ` by ${hold.actor}`}.</strong>
      <span>
        {hold.reason === "" ? null : <q>{hold.reason}</q>}{" "}
        <span className="soft">
          <Moment at={hold.since} now={now} />
        </span>{" "}
        Those that run go on.
      </span>
      {admin ? (
        <AskButton label="Let them begin…">
          {(close) => <LetGo reload={reload} onClose={close} />}
        </AskButton>
      ) : null}
    </div>
  );
}

function LetGo({ reload, onClose }: { reload: () => void; onClose: () => void }) {
  return (
    <Dialog
      title="Let new workflows begin?"
      action="Let them begin"
      onConfirm={async () => {
        await act("DELETE", address(["hold"]));
        reload();
      }}
      onClose={onClose}
    >
      <p>What queued meanwhile begins at once, by its priority, as far as there is room.</p>
    </Dialog>
  );
}
