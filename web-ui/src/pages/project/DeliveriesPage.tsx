import { act, address } from "../../api/client";
import { useMay } from "../../api/session";
import type { Delivery, Page } from "../../api/types";
import { AskButton } from "../../components/AskButton";
import { Dialog } from "../../components/Dialog";
import { Check } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { useLiveResource } from "../../live/useLiveResource";
import { Link } from "../../shell/Link";
import { navigate, usePlace, withQuery } from "../../shell/router";
import { DeliveryTable } from "./DeliveryTable";

/** What other systems are still to be told, and what they would not take. */
export function DeliveriesPage() {
  const place = usePlace();
  const all = place.query.get("all") === "true";
  const only = place.query.get("integration") ?? "";
  const where = address(["deliveries"], { limit: 200, ...(all ? { all: "true" } : {}) });
  const found = useLiveResource<Page<Delivery>>(where, "deliveries", "workflows");
  const shown = (page: Page<Delivery>) =>
    only === "" ? page.items : page.items.filter((one) => one.integration === only);
  const open = (found.value?.items ?? []).some((one) => isOpen(one));
  const admin = useMay("admin");
  return (
    <>
      <PageHead
        title="Deliveries"
        beside={only === "" ? null : <span className="tag">{only}</span>}
        actions={admin && open && only === "" ? <RetryAll reload={found.reload} /> : undefined}
      />
      <div className="buttons">
        <Check
          checked={all}
          onChange={(checked) => {
            navigate(withQuery(place, { all: checked ? "true" : "" }), "replace");
          }}
        >
          Those that were delivered or dropped, too
        </Check>
        {only === "" ? null : (
          <Link to={withQuery(place, { integration: "" })}>All integrations</Link>
        )}
      </div>
      <Listing
        title="Deliveries"
        bare
        what="deliveries"
        found={found}
        isEmpty={(page) => shown(page).length === 0}
        empty={
          <Empty title={all ? "Nothing was delivered yet" : "Nothing waits, and nothing failed"}>
            <p>
              What a playbook tells Slack, Jira, Datadog or a webhook appears here until it arrived.{" "}
              <Link to="/integrations">Which integrations there are</Link>
            </p>
          </Empty>
        }
      >
        {(page) => <DeliveryTable deliveries={shown(page)} reload={found.reload} />}
      </Listing>
    </>
  );
}

/** Whether somebody is still to be told. */
export function isOpen(delivery: Delivery): boolean {
  return delivery.state !== "delivered" && delivery.state !== "dropped";
}

function RetryAll({ reload }: { reload: () => void }) {
  return (
    <AskButton label="Try all now…">
      {(close) => (
        <Dialog
          title="Try all of them now?"
          action="Try them now"
          onConfirm={async () => {
            await act("POST", address(["deliveries", "retry"]), { key: "all" });
            reload();
          }}
          onClose={close}
        >
          <p>All that wait or have failed are tried at once, each integration in its order.</p>
        </Dialog>
      )}
    </AskButton>
  );
}
