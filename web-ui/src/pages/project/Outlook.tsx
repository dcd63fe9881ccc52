import type { Outlook } from "../../api/project";
import { Meter } from "../../components/Meter";
import { Moment } from "../../components/Moment";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { clock, duration } from "../../model/times";
import { Link } from "../../shell/Link";

const MOST = 50;

const POOLS: readonly Column[] = [
  { title: "What" },
  { title: "In use", look: "tight number" },
  { title: "Share", look: "share", silent: true },
];
const QUEUE: readonly Column[] = [
  { title: "Workflow", look: "tight" },
  { title: "For what" },
  { title: "Since", look: "tight" },
];
const COMING: readonly Column[] = [
  { title: "When", look: "tight" },
  { title: "Schedule" },
  { title: "Needs" },
  { title: "Takes", look: "tight number" },
];

/** What there is, and how much of it is in use. */
export function Pools({ outlook }: { outlook: Outlook }) {
  return (
    <Table columns={POOLS}>
      {outlook.pools.map((pool) => (
        <tr key={pool.name}>
          <td>{pool.name}</td>
          <td className="tight number">
            {pool.used} {pool.of === null ? "" : `of ${pool.of}`}
          </td>
          <td className="share">
            {pool.of === null ? (
              <span className="soft">no limit</span>
            ) : (
              <Meter used={pool.used} of={pool.of} />
            )}
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** Who waits for what, the next one first. */
export function Queue({ outlook }: { outlook: Outlook }) {
  const now = useNow(true);
  return (
    <Table columns={QUEUE}>
      {outlook.queue.map((one) => (
        <tr key={one.workflow}>
          <td className="tight">
            <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link>
          </td>
          <td>
            {one.playbook} <span className="tag">{one.priority}</span>{" "}
            <span className="soft">{one.reason}</span>
          </td>
          <td className="tight">
            <Moment at={one.since} now={now} />
          </td>
        </tr>
      ))}
    </Table>
  );
}

/** What schedules will bring, and where that is more than there is. */
export function Forecast({ outlook }: { outlook: Outlook }) {
  const coming = [...outlook.scheduled].sort(
    (one, other) => Date.parse(one.at) - Date.parse(other.at),
  );
  const unknown = new Set(outlook.unknown_durations);
  return (
    <>
      {outlook.collisions.map((one) => (
        <div className="notice attention slim" key={`${one.at} ${one.text}`}>
          <p>
            <strong>{clock(one.at).slice(0, 10)}</strong> {one.text}
          </p>
        </div>
      ))}
      <Table columns={COMING}>
        {coming.slice(0, MOST).map((one) => (
          <tr key={`${one.at} ${one.schedule}`}>
            <td className="tight">
              <time dateTime={one.at}>{clock(one.at).slice(5, 16)}</time>
            </td>
            <td>
              <Link to={`/schedules/${encodeURIComponent(one.schedule)}`}>{one.schedule}</Link>
            </td>
            <td className="soft">
              {Object.entries(one.needs)
                .filter(([name]) => name !== "workflows")
                .map(([name, amount]) => `${amount} ${name}`)
                .join(", ") || "–"}
            </td>
            <td className="tight number">
              {one.duration > 0 ? duration(one.duration) : <span className="soft">unknown</span>}
            </td>
          </tr>
        ))}
      </Table>
      <p className="inside soft">
        {coming.length > MOST
          ? `and ${coming.length - MOST} more until ${clock(outlook.until).slice(5, 16)}. `
          : ""}
        {unknown.size === 0
          ? "Nothing else that starts workflows is in it."
          : `${[...unknown].join(", ")} never succeeded: counted as taking no time.`}
      </p>
    </>
  );
}
