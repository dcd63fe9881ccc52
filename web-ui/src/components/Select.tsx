interface Properties {
  readonly id: string;
  readonly label: string;
  readonly value: string;
  /** Values and what they are called. */
  readonly options: readonly (readonly [string, string])[];
  readonly hint?: string;
  readonly onChange: (value: string) => void;
}

/** One of several, with its label. */
export function Select({ id, label, value, options, hint = "", onChange }: Properties) {
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      <select
        id={id}
        value={value}
        aria-describedby={hint === "" ? undefined : `${id}-hint`}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        {options.map(([one, title]) => (
          <option key={one} value={one}>
            {title}
          </option>
        ))}
      </select>
      {hint === "" ? null : (
        <span id={`${id}-hint`} className="hint">
          {hint}
        </span>
      )}
    </div>
  );
}
