import type { Rate } from "../../api/project";
import { Meter } from "../../components/Meter";
import { Moment } from "../../components/Moment";
import { type Column, Table } from "../../components/Table";
import { useNow } from "../../components/useNow";
import { duration } from "../../model/times";

const COLUMNS: readonly Column[] = [
  { title: "Calls of" },
  { title: "At most", look: "tight" },
  { title: "Used", look: "tight number" },
  { title: "Share", look: "share", silent: true },
  { title: "Next one", look: "tight" },
];
const UNITS: Readonly<Record<number, string>> = {
  1: "second",
  60: "minute",
  3600: "hour",
  86400: "day",
};

/** How far rate limits are used up, and when the next call may begin. */
export function Rates({ rates }: { rates: readonly Rate[] }) {
  const now = useNow(rates.some((one) => one.next_at !== null));
  return (
    <Table columns={COLUMNS} folding>
      {rates.map((one) => {
        const free = one.next_at === null || Date.parse(one.next_at) <= now;
        const used = one.most - Math.max(one.left, free ? 1 : 0);
        return (
          <tr key={one.name}>
            <td>
              {one.commands.map((command) => (
                <code key={command}>{command} </code>
              ))}
            </td>
            <td className="tight">
              {one.most} in{" "}
              {UNITS[one.period] === undefined
                ? duration(one.period)
                : `a ${UNITS[one.period] ?? ""}`}
            </td>
            <td className="tight number" data-title="Used">
              {used}
            </td>
            <td className="share">
              <Meter used={used} of={one.most} />
            </td>
            <td className="tight" data-title="Next one">
              {free ? "now" : <Moment at={one.next_at} now={now} />}
              {one.waiting === 0 ? null : <span data-tone="waiting"> {one.waiting} waiting</span>}
            </td>
          </tr>
        );
      })}
    </Table>
  );
}
