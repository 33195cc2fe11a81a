/** A titled box of the page. */
import type { ReactNode } from "react";

export interface PanelProps {
  readonly title: string;
  readonly className: string;
  readonly aside?: ReactNode;
  readonly children: ReactNode;
}

export function Panel({ title, className, aside, children }: PanelProps): ReactNode {
  return (
    <section className={`panel ${className}`} aria-label={title}>
      <header className="panel-head">
        <h2>{title}</h2>
        <span className="panel-aside">{aside}</span>
      </header>
      <div className="panel-body">{children}</div>
    </section>
  );
}
