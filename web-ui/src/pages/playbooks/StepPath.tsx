interface Properties {
  readonly path: string;
  /** Leads there, if that can be seen on this page. */
  readonly onGo: ((path: string) => void) | undefined;
}

/** A step of a rehearsal by its path; the playbook itself has none. */
export function StepPath({ path, onGo }: Properties) {
  const words = path === "" ? "the playbook" : path;
  if (onGo === undefined) return <>{words}</>;
  return (
    <button
      type="button"
      className="plain"
      onClick={() => {
        onGo(path);
      }}
    >
      {words}
    </button>
  );
}
