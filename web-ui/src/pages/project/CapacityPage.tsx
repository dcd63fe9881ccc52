import { act, address } from "../../api/client";
import type { Outlook } from "../../api/project";
import { useMay } from "../../api/session";
import type { Locks } from "../../api/types";
import { AskButton } from "../../components/AskButton";
import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { ReasonDialog } from "../../components/ReasonDialog";
import type { Resource } from "../../components/useResource";
import { useInbox } from "../../live/inbox";
import { useLiveResource } from "../../live/useLiveResource";
import { Link } from "../../shell/Link";
import { Forecast, Pools, Queue } from "./Outlook";
import { Rates } from "./Rates";
import { LockTable } from "./LockTable";

/** How much there is and who has it: capacity with what is to come, and locks. */
export function CapacityPage() {
  const capacity = useLiveResource<Outlook>(
    address(["capacity"]),
    "capacity",
    "schedules",
    "workflows",
  );
  const locks = useLiveResource<Locks>(address(["locks"]), "locks", "workflows");
  return (
    <>
      <PageHead title="Capacity and locks" actions={<HoldButton />} />
      <Warnings warnings={capacity.value?.warnings ?? []} />
      <div className="columns">
        <div className="stack">
          <Listing
            title="In use"
            what="capacity"
            found={capacity}
            isEmpty={(found) => found.pools.length === 0}
            empty={
              <Empty title="Nothing is limited">
                <p>
                  <code>[capacity]</code> and <code>max_workflows</code> in{" "}
                  <code>orchestrate.toml</code> set limits.
                </p>
              </Empty>
            }
          >
            {(found) => <Pools outlook={found} />}
          </Listing>
          <Limits capacity={capacity} />
          <Listing
            title="Locks"
            what="locks"
            found={locks}
            isEmpty={(found) => found.locks.length === 0}
            empty={
              <Empty title="Nobody holds a lock, and nobody waits for one">
                <p>
                  Playbooks and steps take one with <code>locks:</code>.
                </p>
              </Empty>
            }
          >
            {(found) => <LockTable locks={found.locks} reload={locks.reload} />}
          </Listing>
        </div>
        <div className="stack">
          <Listing
            title="Who waits"
            what="the queue"
            found={capacity}
            isEmpty={(found) => found.queue.length === 0}
            empty={<Empty title="Nobody waits" />}
          >
            {(found) => <Queue outlook={found} />}
          </Listing>
          <Listing
            title="In the next 24 hours"
            what="the forecast"
            found={capacity}
            isEmpty={(found) => found.scheduled.length === 0}
            empty={
              <Empty title="No schedule starts anything">
                <p>
                  <Link to="/schedules">Schedules</Link> that are enabled appear here with what they
                  need.
                </p>
              </Empty>
            }
          >
            {(found) => <Forecast outlook={found} />}
          </Listing>
        </div>
      </div>
    </>
  );
}

/** Rate limits, where there are any. */
function Limits({ capacity }: { capacity: Resource<Outlook> }) {
  if ((capacity.value?.rates.length ?? 0) === 0) return null;
  return (
    <Listing title="Rate limits" what="rate limits" found={capacity}>
      {(found) => <Rates rates={found.rates} />}
    </Listing>
  );
}

/** Where the settings of whoever serves are not those that all go by. */
function Warnings({ warnings }: { warnings: readonly string[] }) {
  return warnings.map((warning) => (
    <section className="panel" key={warning}>
      <div className="notice attention slim">
        <p>
          <strong>The settings here are not those in force.</strong> {warning}
        </p>
      </div>
    </section>
  ));
}

/** Let nothing new begin. While that is so, the banner on every page lets it begin again. */
function HoldButton() {
  const { hold } = useInbox();
  const admin = useMay("admin");
  if (!admin || hold.value?.held === true) return null;
  return (
    <AskButton label="Hold new workflows…">
      {(close) => (
        <ReasonDialog
          title="Hold new workflows?"
          action="Hold them"
          needed
          onConfirm={async (reason) => {
            await act("PUT", address(["hold"]), { reason });
            hold.reload();
          }}
          onClose={close}
        >
          <p>
            None begins from now on, whoever starts it; those of schedules and triggers queue. Those
            that run go on, and can be resumed. Every page says so until somebody lets them begin.
          </p>
        </ReasonDialog>
      )}
    </AskButton>
  );
}
