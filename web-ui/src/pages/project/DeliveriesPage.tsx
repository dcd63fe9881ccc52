import { useState } from "react";

import { act, address, read } from "../../api/client";
import { useMay } from "../../api/session";
import type { Delivery, Page } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { Check } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty, LostBanner } from "../../components/notices";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { useProjectLive } from "../../live/useProjectLive";
import { Link } from "../../shell/Link";

interface Asked {
  readonly what: "retry" | "drop";
  readonly key: string;
}

/** What other systems are still to be told, and what they would not take. */
export function DeliveriesPage() {
  const [all, setAll] = useState(false);
  const where = address(["deliveries"], { limit: 200, ...(all ? { all: "true" } : {}) });
  const found = useResource(where, (signal) => read<Page<Delivery>>(where, signal));
  const live = useProjectLive({
    onHello: found.reload,
    onWorkflows: found.reload,
    onChanged: (what) => {
      if (what === "deliveries") found.reload();
    },
  });
  return (
    <>
      <div className="heading">
        <h1>Deliveries</h1>
      </div>
      <LostBanner state={live.state} retry={live.retry} />
      <Check checked={all} onChange={setAll}>
        Those that were delivered or dropped, too
      </Check>
      <Listing
        title="Deliveries"
        what="deliveries"
        found={found}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Empty title={all ? "Nothing was delivered yet" : "Nothing waits, and nothing failed"}>
            <p>
              What a playbook tells Slack, Jira, Datadog or a webhook appears here until it arrived.
            </p>
          </Empty>
        }
      >
        {(page) => <Table deliveries={page.items} reload={found.reload} />}
      </Listing>
    </>
  );
}

function Table({ deliveries, reload }: { deliveries: readonly Delivery[]; reload: () => void }) {
  const now = useNow(true);
  const admin = useMay("admin");
  const [asked, setAsked] = useState<Asked | null>(null);
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th className="tight">Delivery</th>
            <th className="tight">State</th>
            <th>Event</th>
            <th className="tight number">Failed</th>
            <th className="tight">Next or end</th>
            <th>Last error</th>
            <th className="tight">
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {deliveries.map((one) => (
            <tr key={one.key}>
              <td className="tight">
                <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link> {one.integration}
              </td>
              <td className="tight" data-tone={toneOf(one.state)}>
                {one.state.replaceAll("_", " ")}
              </td>
              <td>{one.event}</td>
              <td className="tight number">{one.failed_attempts}</td>
              <td className="tight">
                <Moment at={one.settled_at ?? one.next_at} now={now} />
              </td>
              <td>{one.error}</td>
              <td className="tight">
                {admin && one.state !== "delivered" && one.state !== "dropped" ? (
                  <>
                    <button
                      type="button"
                      onClick={() => {
                        setAsked({ what: "retry", key: one.key });
                      }}
                    >
                      Try now…
                    </button>{" "}
                    <button
                      type="button"
                      className="danger"
                      onClick={() => {
                        setAsked({ what: "drop", key: one.key });
                      }}
                    >
                      Drop…
                    </button>
                  </>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked === null ? null : (
        <Question
          asked={asked}
          reload={reload}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </div>
  );
}

function toneOf(state: string): string {
  if (state === "delivered") return "succeeded";
  return state === "waiting" ? "waiting" : state === "dropped" ? "idle" : "failed";
}

interface QuestionProperties {
  readonly asked: Asked;
  readonly reload: () => void;
  readonly onClose: () => void;
}

function Question({ asked, reload, onClose }: QuestionProperties) {
  const drops = asked.what === "drop";
  const send = async () => {
    await act("POST", address(["deliveries", asked.what]), { key: asked.key });
    reload();
  };
  return (
    <Dialog
      title={drops ? "Drop it?" : "Try it now?"}
      action={drops ? "Drop the delivery" : "Try it now"}
      danger={drops}
      onConfirm={send}
      onClose={onClose}
    >
      <p>
        <code>{asked.key}</code>
      </p>
      <p>
        {drops
          ? "It is never delivered, and the next of its integration is."
          : "It is tried at once, although it is not due or has failed for good."}
      </p>
    </Dialog>
  );
}
