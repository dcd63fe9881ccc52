/** Any value as text: short ones in the line, others as JSON. Markup in it stays text. */
export function Value({ value }: { value: unknown }) {
  if (value === null || value === undefined) return <span className="soft">none</span>;
  if (typeof value === "string") {
    if (value === "") return <span className="soft">empty</span>;
    return value.includes("\n") ? <pre className="output">{value}</pre> : <span>{value}</span>;
  }
  if (typeof value === "number" || typeof value === "boolean") return <code>{String(value)}</code>;
  return <pre className="output">{JSON.stringify(value, null, 2)}</pre>;
}

/** Names and values, one to a line. */
export function Values({ values }: { values: Readonly<Record<string, unknown>> }) {
  return (
    <dl className="facts">
      {Object.entries(values).map(([name, value]) => (
        <div key={name} className="fact">
          <dt>{name}</dt>
          <dd>
            <Value value={value} />
          </dd>
        </div>
      ))}
    </dl>
  );
}
