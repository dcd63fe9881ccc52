import { LostBanner } from "../components/notices";
import { useProjectLive } from "./useProjectLive";
import type { Live } from "./useLive";

/** Says that a stream of this page alone is cut off; of the whole server the frame says it. */
export function StaleBanner({ live }: { live: Live }) {
  const project = useProjectLive({ onHello: live.retry });
  if (project.state.kind === "lost" || project.state.kind === "refused") return null;
  return <LostBanner state={live.state} retry={live.retry} />;
}
