import { Listing } from "../../components/Listing";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { useNow } from "../../components/useNow";
import { useInbox } from "../../live/inbox";
import { Link } from "../../shell/Link";
import { Request } from "./Request";

/** Everything that waits for somebody's answer, whoever asks: the oldest first, live. */
export function ApprovalsPage() {
  const { approvals } = useInbox();
  const now = useNow(true);
  return (
    <>
      <PageHead title="Approvals" />
      <Listing
        title="Waiting for an answer"
        what="approvals"
        found={approvals}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Empty title="Nobody waits for an answer">
            <p>
              A step of the kind <code>approval</code> asks here when it is reached. What was
              answered stands in the workflow and in the audit.
            </p>
          </Empty>
        }
      >
        {(page) => (
          <div className="requests">
            {page.items.map((one) => (
              <Request
                key={`${one.workflow} ${one.path}`}
                workflow={one.workflow}
                approval={one}
                now={now}
                onAnswered={approvals.reload}
                origin={
                  <>
                    <dt>Workflow</dt>
                    <dd>
                      <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link>, {one.playbook}{" "}
                      in {one.environment}
                    </dd>
                  </>
                }
              />
            ))}
          </div>
        )}
      </Listing>
    </>
  );
}
