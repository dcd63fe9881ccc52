import type { ReactNode } from "react";

interface Properties {
  readonly title: string;
  /** The way back to what it belongs to. */
  readonly trail?: ReactNode;
  /** Beside the title: a state, a tag. */
  readonly beside?: ReactNode;
  readonly actions?: ReactNode;
}

/** The head of a page. */
export function PageHead({ title, trail, beside, actions }: Properties) {
  return (
    <div className="heading">
      {trail === undefined ? null : <div className="trail">{trail}</div>}
      <h1>{title}</h1>
      {beside}
      {actions === undefined ? null : <div className="actions">{actions}</div>}
    </div>
  );
}
