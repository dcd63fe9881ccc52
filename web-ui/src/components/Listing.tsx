import type { ReactNode } from "react";

import { Failed, Loading } from "./notices";
import type { Resource } from "./useResource";

interface Properties<T> {
  readonly title: string;
  readonly what: string;
  readonly found: Resource<T>;
  readonly isEmpty: (value: T) => boolean;
  readonly empty: ReactNode;
  readonly children: (value: T) => ReactNode;
  readonly actions?: ReactNode;
}

/** A panel for something that is read: on its way, refused, empty, or there. */
export function Listing<T>(properties: Properties<T>) {
  const { title, what, found, isEmpty, empty, children, actions } = properties;
  const { value, error } = found;
  return (
    <section className="panel" aria-label={title} aria-busy={found.busy}>
      <header>
        <h2>{title}</h2>
        {actions === undefined ? null : <div className="actions">{actions}</div>}
      </header>
      {error === null ? null : <Failed error={error} retry={found.reload} slim={value !== null} />}
      {value === null && error === null ? <Loading what={what} /> : null}
      {value === null ? null : isEmpty(value) ? empty : children(value)}
    </section>
  );
}
