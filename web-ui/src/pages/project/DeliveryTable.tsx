import { act, address } from "../../api/client";
import { useMay } from "../../api/session";
import type { Delivery } from "../../api/types";
import { AskButton } from "../../components/AskButton";
import { Dialog } from "../../components/Dialog";
import { Moment } from "../../components/Moment";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { Link } from "../../shell/Link";

const COLUMNS: readonly Column[] = [
  { title: "Workflow", look: "tight" },
  { title: "Is told to", look: "tight" },
  { title: "Event", look: "tight" },
  { title: "State", look: "tight" },
  { title: "When" },
  { title: "Last error" },
  { title: "Actions", look: "tight", silent: true },
];

interface Properties {
  readonly deliveries: readonly Delivery[];
  readonly reload: () => void;
}

/** Deliveries, each with what can be done about it. */
export function DeliveryTable({ deliveries, reload }: Properties) {
  const now = useNow(true);
  const admin = useMay("admin");
  return (
    <Table columns={COLUMNS} folding>
      {deliveries.map((one) => (
        <tr key={one.key}>
          <td className="tight">
            <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link>{" "}
            <span className="soft">{one.playbook}</span>
          </td>
          <td className="tight">{one.integration}</td>
          <td className="tight">
            {one.event} <Moment at={one.at} now={now} />
          </td>
          <td className="tight" data-tone={toneOf(one.state)}>
            {one.state.replaceAll("_", " ")}
          </td>
          <td>
            <When delivery={one} now={now} />
          </td>
          <td className="wrapped">{one.error}</td>
          <td className="tight">
            {admin && one.state !== "delivered" && one.state !== "dropped" ? (
              <div className="buttons end">
                <Question delivery={one} drops={false} reload={reload} />
                <Question delivery={one} drops reload={reload} />
              </div>
            ) : null}
          </td>
        </tr>
      ))}
    </Table>
  );
}

function When({ delivery, now }: { delivery: Delivery; now: number }) {
  const { settled_at: settled, next_at: next, failed_attempts: failed } = delivery;
  if (settled !== null) return <Moment at={settled} now={now} />;
  const tries = failed === 0 ? "" : `, after ${failed} ${failed === 1 ? "try" : "tries"}`;
  if (next === null) return <span>{failed === 0 ? "–" : `${failed} tries`}</span>;
  if (Date.parse(next) <= now) {
    return <span className="soft">as soon as the one before it is through{tries}</span>;
  }
  return (
    <>
      again <Moment at={next} now={now} />
      <span className="soft">{tries}</span>
    </>
  );
}

function toneOf(state: string): string {
  if (state === "delivered") return "succeeded";
  return state === "waiting" ? "waiting" : state === "dropped" ? "idle" : "failed";
}

interface QuestionProperties {
  readonly delivery: Delivery;
  readonly drops: boolean;
  readonly reload: () => void;
}

function Question({ delivery, drops, reload }: QuestionProperties) {
  const { key } = delivery;
  return (
    <AskButton label={drops ? "Drop…" : "Try now…"} about={key} look={drops ? "danger" : ""}>
      {(close) => (
        <Dialog
          title={drops ? "Drop it?" : "Try it now?"}
          action={drops ? "Drop the delivery" : "Try it now"}
          danger={drops}
          onConfirm={async () => {
            await act("POST", address(["deliveries", drops ? "drop" : "retry"]), { key });
            reload();
          }}
          onClose={close}
        >
          <p>
            <code>{key}</code>
          </p>
          <p>
            {drops
              ? `${delivery.integration} never hears of this ${delivery.event}; what waits behind it goes on.`
              : "It is tried at once, although it is not due or has failed for good."}
          </p>
        </Dialog>
      )}
    </AskButton>
  );
}
