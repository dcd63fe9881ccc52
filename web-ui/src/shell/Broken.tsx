import { Component, type ReactNode } from "react";

interface Properties {
  readonly children: ReactNode;
  /** Another page is tried again. */
  readonly place: string;
}

/**
 * Shown instead of a page that could not be drawn or fetched: after an update of the program the
 * files of the console have other names, and an open tab asks for the old ones.
 */
export class Broken extends Component<Properties, { problem: string | null }> {
  override state: { problem: string | null } = { problem: null };

  static getDerivedStateFromError(thrown: unknown): { problem: string } {
    return { problem: thrown instanceof Error ? thrown.message : String(thrown) };
  }

  override componentDidUpdate(before: Properties): void {
    if (before.place !== this.props.place && this.state.problem !== null) {
      this.setState({ problem: null });
    }
  }

  override render(): ReactNode {
    if (this.state.problem === null) return this.props.children;
    return (
      <section className="panel">
        <div className="notice failed" role="alert">
          <p>
            <strong>This page could not be shown.</strong>
          </p>
          <p>
            If the program was updated meanwhile, loading the console anew is all it takes. What
            runs on the server is not touched by this.
          </p>
          <code>{this.state.problem}</code>
          <button
            type="button"
            onClick={() => {
              window.location.reload();
            }}
          >
            Load the console anew
          </button>
        </div>
      </section>
    );
  }
}
