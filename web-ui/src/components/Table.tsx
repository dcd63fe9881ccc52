import type { ReactNode } from "react";

/** A column: its title, and how wide it is and whether it is left out on narrow screens. */
export interface Column {
  readonly title: string;
  /** Classes of design/data.css: tight, number, optional. */
  readonly look?: string;
  /** The title is for those who hear the page. */
  readonly silent?: boolean;
}

interface Properties {
  readonly columns: readonly Column[];
  readonly children: ReactNode;
  /** On narrow screens each row stands as a block of its own. */
  readonly folding?: boolean;
}

/** Rows under titles; too wide for the screen, they scroll within their panel. */
export function Table({ columns, children, folding = false }: Properties) {
  return (
    <div className="scrolled">
      <table className={folding ? "folding" : undefined}>
        <thead>
          <tr>
            {columns.map(({ title, look, silent }) => (
              <th key={title} className={look}>
                {silent === true ? <span className="hidden">{title}</span> : title}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>{children}</tbody>
      </table>
    </div>
  );
}
