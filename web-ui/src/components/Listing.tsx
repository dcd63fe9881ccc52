import type { ReactNode } from "react";

import { Failed, Loading } from "./notices";
import type { Resource } from "./useResource";

interface Properties<T> {
  readonly title: string;
  readonly what: string;
  readonly found: Resource<T>;
  /** Whether there is nothing to show, and what is shown then. */
  readonly isEmpty?: (value: T) => boolean;
  readonly empty?: ReactNode;
  readonly children: (value: T) => ReactNode;
  readonly actions?: ReactNode;
  /** Its title stands above it already. */
  readonly bare?: boolean;
}

/** A panel for something that is read: on its way, refused, empty, or there. */
export function Listing<T>(properties: Properties<T>) {
  const { title, what, found, isEmpty, empty, children, actions, bare = false } = properties;
  const { value, error } = found;
  return (
    <section className="panel" aria-label={title} aria-busy={found.busy}>
      {bare ? null : (
        <header>
          <h2>{title}</h2>
          {actions === undefined ? null : <div className="actions">{actions}</div>}
        </header>
      )}
      {error === null ? null : <Failed error={error} retry={found.reload} slim={value !== null} />}
      {value === null && error === null ? <Loading what={what} /> : null}
      {value === null ? null : isEmpty?.(value) === true ? empty : children(value)}
    </section>
  );
}
