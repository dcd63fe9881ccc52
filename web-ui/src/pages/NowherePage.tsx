import { PageHead } from "../components/PageHead";
import { Link } from "../shell/Link";
import { navigate } from "../shell/router";

interface Section {
  readonly to: string;
  readonly title: string;
}

/** There is nothing at this address: what may have been meant, and the ways on. */
export function NowherePage({ path, sections }: { path: string; sections: readonly Section[] }) {
  const meant = guess(path, sections);
  return (
    <>
      <PageHead
        title="There is no such page"
        actions={
          <button
            type="button"
            onClick={() => {
              window.history.back();
            }}
          >
            Go back
          </button>
        }
      />
      <section className="panel" aria-label="Ways on">
        <div className="notice">
          <p>
            The console has nothing at <code>{path}</code>.
          </p>
          {meant === null ? null : (
            <p>
              Did you mean <Link to={meant}>{meant}</Link>?
            </p>
          )}
          <form
            className="filters"
            role="search"
            aria-label="Look for a workflow"
            onSubmit={(event) => {
              event.preventDefault();
              const asked = new FormData(event.currentTarget).get("id");
              if (typeof asked === "string" && asked.trim() !== "") {
                navigate(`/workflows/${encodeURIComponent(asked.trim())}`);
              }
            }}
          >
            <div className="field">
              <label htmlFor="nowhere-id">Look for a workflow</label>
              <input id="nowhere-id" name="id" placeholder="WF-2026-001" spellCheck={false} />
            </div>
            <button type="submit">Show it</button>
          </form>
        </div>
      </section>
    </>
  );
}

/** The page that an address nearly names: a workflow's id in it, or a section without its `s`. */
function guess(path: string, sections: readonly Section[]): string | null {
  const workflow = /WF-\d{4}-\d{3,}/i.exec(path);
  if (workflow !== null) return `/workflows/${workflow[0].toUpperCase()}`;
  const [, first = "", ...rest] = path.toLowerCase().split("/");
  if (first.length < 3) return null;
  const section = sections.find((one) => one.to.startsWith(`/${first.slice(0, 5)}`));
  if (section === undefined) return null;
  return rest.length === 0 || section.to === `/${first}`
    ? section.to
    : [section.to, ...rest].join("/");
}
