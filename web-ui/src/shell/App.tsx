import { begin, useSession } from "../api/session";
import { Failed, Loading } from "../components/notices";
import { SignIn } from "../pages/SignIn";
import { Frame } from "./Frame";

/** The console: who is not signed in sees the way in, and nothing else. */
export function App() {
  const standing = useSession();
  switch (standing.kind) {
    case "asking":
      return (
        <div className="signin">
          <div className="late">
            <Loading what="the console" />
          </div>
        </div>
      );
    case "unreachable":
      return (
        <div className="signin">
          <main className="panel">
            <Failed error={standing.problem} retry={() => void begin()} />
          </main>
        </div>
      );
    case "out":
      return <SignIn why={standing.why} />;
    case "in":
      return <Frame session={standing.session} />;
  }
}
