import { Component, type ReactNode } from "react";

interface Properties {
  readonly children: ReactNode;
  /** Another page is tried again. */
  readonly place: string;
  /** The server cannot be reached, so a page that was never shown cannot be fetched. */
  readonly lost: boolean;
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
    // Code that could not be fetched is asked for once alone: only loading anew asks again.
    if (before.lost && !this.props.lost && this.state.problem !== null) window.location.reload();
  }

  override render(): ReactNode {
    if (this.state.problem === null) return this.props.children;
    if (this.props.lost) return <Away />;
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

function Away() {
  return (
    <section className="panel">
      <div className="notice" role="status">
        <p>
          <strong>This page is not here yet.</strong>
        </p>
        <p>
          It has to be fetched from the server, which cannot be reached now; then it comes by
          itself. What was shown before is still there: go back to see it.
        </p>
        <button
          type="button"
          onClick={() => {
            window.history.back();
          }}
        >
          Go back
        </button>
      </div>
    </section>
  );
}
