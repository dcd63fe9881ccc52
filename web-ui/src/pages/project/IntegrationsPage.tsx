import { address } from "../../api/client";
import type { Integration, Integrations } from "../../api/project";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty } from "../../components/notices";
import { PageHead } from "../../components/PageHead";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { useLiveResource } from "../../live/useLiveResource";
import { Link } from "../../shell/Link";

const COLUMNS: readonly Column[] = [
  { title: "Integration", look: "tight" },
  { title: "Tells of", look: "tight" },
  { title: "Where it sends" },
  { title: "Events" },
  { title: "Deliveries", look: "tight" },
  { title: "Last delivered", look: "tight" },
];

/** Which other systems are told of workflows, and whether that works. */
export function IntegrationsPage() {
  const found = useLiveResource<Integrations>(
    address(["integrations"]),
    "deliveries",
    "playbooks",
    "workflows",
  );
  const invalid = found.value?.invalid ?? [];
  return (
    <>
      <PageHead title="Integrations" actions={<Link to="/deliveries">Deliveries</Link>} />
      {invalid.length === 0 ? null : (
        <div className="notice attention slim">
          <p>Those of {invalid.join(", ")} are left out: these playbooks are not valid.</p>
        </div>
      )}
      <Listing
        title="Who is told"
        what="integrations"
        found={found}
        isEmpty={(page) => page.items.length === 0}
        empty={
          <Empty title="Nobody is told of anything">
            <p>
              <code>integrations:</code> in a playbook, or <code>[integrations.slack]</code> with{" "}
              <code>every_playbook = true</code> in <code>orchestrate.toml</code>, tells Slack,
              Jira, Datadog or a webhook.
            </p>
          </Empty>
        }
      >
        {(page) => (
          <Table columns={COLUMNS} folding>
            {page.items.map((one) => (
              <Row key={`${one.playbook ?? ""} ${one.name}`} integration={one} />
            ))}
          </Table>
        )}
      </Listing>
    </>
  );
}

function Row({ integration }: { integration: Integration }) {
  const { name, kind, playbook, counts, off } = integration;
  const error = integration.last_error ?? "";
  const now = useNow(true);
  return (
    <tr>
      <td className="tight">
        {name} {name === kind ? null : <span className="tag">{kind}</span>}
      </td>
      <td className="tight">
        {playbook === null ? (
          "every playbook"
        ) : (
          <Link to={`/playbooks/${encodeURIComponent(playbook)}`}>{playbook}</Link>
        )}
        {integration.environments === null ? "" : ` in ${integration.environments.join(", ")}`}
      </td>
      <td className="wrapped">
        <code>{integration.target}</code>
        {off === "" ? null : (
          <p data-tone="attention">
            <strong>Off:</strong> {off}
          </p>
        )}
        {error === "" ? null : (
          <p data-tone="failed">
            <strong>Last error:</strong> {error}
          </p>
        )}
      </td>
      <td>
        {integration.events.map((event) => (
          <span className="tag" key={event}>
            {event}
          </span>
        ))}
      </td>
      <td className="tight">
        <Link to={`/deliveries?all=true&integration=${encodeURIComponent(name)}`}>
          {counts.delivered} delivered
        </Link>
        {counts.waiting === 0 ? null : <span data-tone="waiting">, {counts.waiting} waiting</span>}
        {counts.failed === 0 ? null : <span data-tone="failed">, {counts.failed} failed</span>}
      </td>
      <td className="tight">
        <Moment at={integration.last_delivery} now={now} />
      </td>
    </tr>
  );
}
