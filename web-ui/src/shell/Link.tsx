import type { MouseEvent, ReactNode } from "react";

import { navigate, ROOT } from "./router";

interface Properties {
  readonly to: string;
  readonly children: ReactNode;
  readonly className?: string;
  readonly current?: boolean;
}

/** A link within the console. It is a real address, so that it can be opened in a new tab. */
export function Link({ to, children, className, current }: Properties) {
  const follow = (event: MouseEvent) => {
    if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) {
      return;
    }
    event.preventDefault();
    navigate(to);
  };
  return (
    <a
      href={ROOT + to}
      onClick={follow}
      className={className}
      aria-current={current === true ? "page" : undefined}
    >
      {children}
    </a>
  );
}
