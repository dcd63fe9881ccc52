import { LEAST_ZOOM, MOST_ZOOM, STEP } from "./sight";
import type { Viewport } from "./useViewport";

/** Zooming, and opening everything. */
export function GraphTools({ view, onAll }: { view: Viewport; onAll: (open: boolean) => void }) {
  return (
    <>
      <span className="group">
        <button
          type="button"
          aria-label="Zoom out"
          disabled={view.zoom <= LEAST_ZOOM}
          onClick={() => {
            view.zoomBy(1 / STEP);
          }}
        >
          −
        </button>
        <button
          type="button"
          title="As large as it is"
          onClick={() => {
            view.zoomTo(1);
          }}
        >
          {Math.round(view.zoom * 100)} %
        </button>
        <button
          type="button"
          aria-label="Zoom in"
          disabled={view.zoom >= MOST_ZOOM}
          onClick={() => {
            view.zoomBy(STEP);
          }}
        >
          +
        </button>
        <button type="button" onClick={view.fit}>
          Fit
        </button>
      </span>
      <span className="group">
        <button
          type="button"
          onClick={() => {
            onAll(true);
          }}
        >
          Open all
        </button>
        <button
          type="button"
          onClick={() => {
            onAll(false);
          }}
        >
          Close all
        </button>
      </span>
    </>
  );
}
