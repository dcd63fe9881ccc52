import { act, address } from "../../api/client";
import { useMay } from "../../api/session";
import type { LockHolder, Locks } from "../../api/types";
import { AskButton } from "../../components/AskButton";
import { Moment } from "../../components/Moment";
import { ReasonDialog } from "../../components/ReasonDialog";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { Link } from "../../shell/Link";

const COLUMNS: readonly Column[] = [
  { title: "Lock" },
  { title: "Held by" },
  { title: "Waiting" },
  { title: "Actions", look: "tight", silent: true },
];

interface Properties {
  readonly locks: Locks["locks"];
  readonly reload: () => void;
}

/** Who holds which lock, and who waits for it. */
export function LockTable({ locks, reload }: Properties) {
  const admin = useMay("admin");
  const now = useNow(true);
  return (
    <Table columns={COLUMNS} folding>
      {locks.map((lock) => (
        <tr key={lock.name}>
          <td>{lock.name}</td>
          <td data-title="Held by">
            <Holders holders={lock.held_by} now={now} />
          </td>
          <td data-title="Waiting">
            <Holders holders={lock.waiting} now={now} />
          </td>
          <td className="tight">
            {admin && lock.held_by.length > 0 ? (
              <AskButton label="Release…" about={lock.name} look="danger">
                {(close) => (
                  <Release
                    name={lock.name}
                    holders={lock.held_by}
                    reload={reload}
                    onClose={close}
                  />
                )}
              </AskButton>
            ) : null}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function Holders({ holders, now }: { holders: readonly LockHolder[]; now: number }) {
  if (holders.length === 0) return <span className="soft">nobody</span>;
  return (
    <ul className="plainlist">
      {holders.map((one) => (
        <li key={`${one.workflow} ${one.step}`}>
          <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link>{" "}
          {one.step === "" ? "as a whole" : one.step}{" "}
          {one.shared === true ? <span className="tag">shared</span> : null}
          <span className="soft">
            <Moment at={one.since} now={now} />
            {one.owner === "alive" ? "" : `, ${one.state}, nobody runs it`}
          </span>
        </li>
      ))}
    </ul>
  );
}

interface ReleaseProperties {
  readonly name: string;
  readonly holders: readonly LockHolder[];
  readonly reload: () => void;
  readonly onClose: () => void;
}

function Release({ name, holders, reload, onClose }: ReleaseProperties) {
  const who = holders.map((one) => one.workflow).join(", ");
  return (
    <ReasonDialog
      title={`Take ${name} away?`}
      action="Take the lock away"
      danger
      needed
      onConfirm={async (reason) => {
        await act("POST", address(["locks", "release"]), { name, reason });
        reload();
      }}
      onClose={onClose}
    >
      <p>
        {who} loses it but keeps running, and whoever waits next gets it: both may then do what only
        one should. Only what they call can refuse the old token. Be sure that nothing harmful goes
        on.
      </p>
    </ReasonDialog>
  );
}
