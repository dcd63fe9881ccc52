import { useId, useState } from "react";

import { act, address, read } from "../../api/client";
import { useMay } from "../../api/session";
import type { Capacity, LockHolder, Locks } from "../../api/types";
import { Dialog } from "../../components/Dialog";
import { TextField } from "../../components/fields";
import { Listing } from "../../components/Listing";
import { Moment } from "../../components/Moment";
import { Empty, LostBanner } from "../../components/notices";
import { useNow } from "../../components/useNow";
import { useResource } from "../../components/useResource";
import { useProjectLive } from "../../live/useProjectLive";
import { clock } from "../../model/times";
import { Link } from "../../shell/Link";

/** How much there is and who has it: capacity with what is to come, and locks. */
export function CapacityPage() {
  const where = address(["capacity"]);
  const there = address(["locks"]);
  const capacity = useResource(where, (signal) => read<Capacity>(where, signal));
  const locks = useResource(there, (signal) => read<Locks>(there, signal));
  const reload = () => {
    capacity.reload();
    locks.reload();
  };
  const live = useProjectLive({
    onHello: reload,
    onWorkflows: reload,
    onChanged: (what) => {
      if (what === "locks") reload();
    },
  });
  return (
    <>
      <div className="heading">
        <h1>Capacity and locks</h1>
      </div>
      <LostBanner state={live.state} retry={live.retry} />
      <div className="columns">
        <div className="stack">
          <Listing
            title="In use"
            what="capacity"
            found={capacity}
            isEmpty={(found) => found.pools.length === 0}
            empty={<Empty title="Nothing is limited" />}
          >
            {(found) => <Pools capacity={found} />}
          </Listing>
          <Listing
            title="Locks"
            what="locks"
            found={locks}
            isEmpty={(found) => found.locks.length === 0}
            empty={<Empty title="Nobody holds a lock, and nobody waits for one" />}
          >
            {(found) => <LockTable locks={found.locks} reload={reload} />}
          </Listing>
        </div>
        <div className="stack">
          <Listing
            title="Who waits to begin"
            what="the queue"
            found={capacity}
            isEmpty={(found) => found.queue.length === 0}
            empty={<Empty title="Nobody waits" />}
          >
            {(found) => <Queue capacity={found} />}
          </Listing>
          <Listing
            title="In the next 24 hours"
            what="the forecast"
            found={capacity}
            isEmpty={(found) => found.scheduled.length === 0}
            empty={<Empty title="No schedule starts anything" />}
          >
            {(found) => <Forecast capacity={found} />}
          </Listing>
        </div>
      </div>
    </>
  );
}

function Pools({ capacity }: { capacity: Capacity }) {
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th>What</th>
            <th className="tight number">In use</th>
            <th className="optional">
              <span className="hidden">Share</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {capacity.pools.map((pool) => (
            <tr key={pool.name}>
              <td>{pool.name}</td>
              <td className="tight number">
                {pool.used} {pool.of === null ? "" : `of ${pool.of}`}
              </td>
              <td className="optional">
                {pool.of === null ? (
                  <span className="soft">no limit</span>
                ) : (
                  <div className={pool.used >= pool.of ? "meter full" : "meter"} aria-hidden="true">
                    <i
                      style={{
                        width: `${Math.min(100, (pool.used / Math.max(pool.of, 1)) * 100)}%`,
                      }}
                    />
                  </div>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

function Queue({ capacity }: { capacity: Capacity }) {
  const now = useNow(true);
  return (
    <div className="scrolled">
      <table>
        <tbody>
          {capacity.queue.map((one) => (
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
        </tbody>
      </table>
    </div>
  );
}

function Forecast({ capacity }: { capacity: Capacity }) {
  return (
    <div className="inside stack">
      {capacity.collisions.map((one) => (
        <div className="notice attention slim" key={`${one.at} ${one.text}`}>
          <p>
            <strong>{clock(one.at).slice(0, 16)}</strong> {one.text}
          </p>
        </div>
      ))}
      <ul className="plainlist">
        {capacity.scheduled.slice(0, 50).map((one) => (
          <li key={`${one.at} ${one.schedule}`}>
            <time dateTime={one.at}>{clock(one.at).slice(0, 16)}</time> {one.schedule}
          </li>
        ))}
      </ul>
    </div>
  );
}

interface TableProperties {
  readonly locks: Locks["locks"];
  readonly reload: () => void;
}

function LockTable({ locks, reload }: TableProperties) {
  const admin = useMay("admin");
  const now = useNow(true);
  const [asked, setAsked] = useState<string | null>(null);
  return (
    <div className="scrolled">
      <table>
        <thead>
          <tr>
            <th>Lock</th>
            <th>Held by</th>
            <th>Waiting</th>
            <th className="tight">
              <span className="hidden">Actions</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {locks.map((lock) => (
            <tr key={lock.name}>
              <td>{lock.name}</td>
              <td>
                <Holders holders={lock.held_by} now={now} />
              </td>
              <td>
                <Holders holders={lock.waiting} now={now} />
              </td>
              <td className="tight">
                {admin && lock.held_by.length > 0 ? (
                  <button
                    type="button"
                    className="danger"
                    onClick={() => {
                      setAsked(lock.name);
                    }}
                  >
                    Release…
                  </button>
                ) : null}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
      {asked === null ? null : (
        <ReleaseDialog
          name={asked}
          reload={reload}
          onClose={() => {
            setAsked(null);
          }}
        />
      )}
    </div>
  );
}

function Holders({ holders, now }: { holders: readonly LockHolder[]; now: number }) {
  if (holders.length === 0) return <span className="soft">nobody</span>;
  return (
    <ul className="plainlist">
      {holders.map((one) => (
        <li key={`${one.workflow} ${one.step}`}>
          <Link to={`/workflows/${one.workflow}`}>{one.workflow}</Link> {one.step}{" "}
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
  readonly reload: () => void;
  readonly onClose: () => void;
}

function ReleaseDialog({ name, reload, onClose }: ReleaseProperties) {
  const id = useId();
  const [reason, setReason] = useState("");
  const release = async () => {
    await act("POST", address(["locks", "release"]), { name, reason });
    reload();
  };
  return (
    <Dialog
      title={`Take ${name} away?`}
      action="Take the lock away"
      danger
      blocked={reason.trim() === ""}
      onConfirm={release}
      onClose={onClose}
    >
      <p>
        Whoever holds it keeps running; only what it calls can refuse its old token. Be sure that
        nothing harmful goes on.
      </p>
      <TextField
        id={id}
        label="Reason"
        hint="Needed; kept with the workflow and in the audit."
        value={reason}
        onChange={setReason}
      />
    </Dialog>
  );
}
