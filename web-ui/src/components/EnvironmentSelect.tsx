import { address, read } from "../api/client";
import type { Project } from "../api/types";
import { useResource } from "./useResource";

interface Properties {
  /** "" stands for the one that the playbook itself says. */
  readonly value: string;
  readonly onChange: (environment: string) => void;
}

/** In which environment of the project: what is known there, and which commands there are. */
export function EnvironmentSelect({ value, onChange }: Properties) {
  const project = useResource("project", (signal) => read<Project>(address(["project"]), signal));
  const names = project.value?.environments.map((one) => one.name) ?? [];
  return (
    <label className="check">
      Environment
      <select
        value={value}
        onChange={(event) => {
          onChange(event.target.value);
        }}
      >
        <option value="">as the playbook says</option>
        {names.map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  );
}
