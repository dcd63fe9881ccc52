import { clock, distance } from "../model/times";

/** A moment, told from now; its full time is there for the pointer and in the markup. */
export function Moment({ at, now }: { at: string | null; now: number }) {
  if (at === null) return <span className="soft">–</span>;
  return (
    <time dateTime={at} title={`${clock(at)} (${at})`}>
      {distance(at, now)}
    </time>
  );
}
