/** What the JSON Schema of playbooks says about steps: their kinds, keys, and lists of steps. */

/** A schema, or a part of one. */
export interface Schema {
  readonly $ref?: string;
  readonly type?: string | readonly string[];
  readonly description?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly pattern?: string;
  readonly patternErrorMessage?: string;
  readonly minimum?: number;
  readonly maximum?: number;
  readonly minItems?: number;
  readonly maxLength?: number;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly patternProperties?: Readonly<Record<string, Schema>>;
  readonly additionalProperties?: boolean | Schema;
  readonly propertyNames?: Schema;
  readonly required?: readonly string[];
  readonly dependencies?: Readonly<Record<string, readonly string[]>>;
  readonly definitions?: Readonly<Record<string, Schema>>;
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly allOf?: readonly Schema[];
  readonly if?: Schema;
  readonly then?: Schema;
  readonly not?: Schema;
}

/** A key that holds steps, or branches of steps. */
export interface ListGrammar {
  readonly key: string;
  readonly of: "step" | "branch";
  readonly description: string;
  readonly required: boolean;
  /** Whether every kind has it: handlers, and what undoes a step. */
  readonly handler: boolean;
}

/** What one kind of step, a branch, or the playbook itself may have. */
export interface KindGrammar {
  readonly kind: string;
  readonly description: string;
  /** Its keys, those of its own before those that every step has. */
  readonly keys: readonly string[];
  /** Those that only this kind has. */
  readonly own: readonly string[];
  readonly required: readonly string[];
  readonly lists: readonly ListGrammar[];
  readonly schema: Schema;
}

export interface Grammar {
  readonly schema: Schema;
  readonly playbook: KindGrammar;
  readonly branch: KindGrammar;
  /** The kinds of steps; `command` is the one of steps whose `type` is a label, or absent. */
  readonly kinds: readonly KindGrammar[];
}

const CALL = "command";
const KIND = /^(.+)-step$/;

/** Reads what `GET /schemas/playbook` answers with. */
export function readGrammar(schema: Schema): Grammar {
  const definitions = schema.definitions ?? {};
  const common = Object.keys(definitions.common?.properties ?? {});
  const kinds: KindGrammar[] = [];
  for (const [name, definition] of Object.entries(definitions)) {
    const kind = KIND.exec(name)?.[1];
    if (kind !== undefined) kinds.push(kindGrammar(schema, kind, definition, common));
  }
  return {
    schema,
    playbook: kindGrammar(schema, "playbook-file", schema, ["on_failure", "on_success", "finally"]),
    branch: kindGrammar(schema, "branch", definitions.branch ?? {}, []),
    kinds,
  };
}

function kindGrammar(
  root: Schema,
  kind: string,
  schema: Schema,
  common: readonly string[],
): KindGrammar {
  const properties = schema.properties ?? {};
  const keys = Object.keys(properties);
  const required = schema.required ?? [];
  const lists: ListGrammar[] = [];
  for (const key of keys) {
    const property = resolve(root, properties[key] ?? {});
    const of = listOf(property);
    if (of === null) continue;
    const description = property.description ?? "";
    const handler = common.includes(key);
    lists.push({ key, of, description, required: required.includes(key), handler });
  }
  const own = keys.filter((key) => !common.includes(key));
  return { kind, description: schema.description ?? "", keys, own, required, lists, schema };
}

function listOf(property: Schema): "step" | "branch" | null {
  const item = property.items?.$ref;
  if (item === "#/definitions/step") return "step";
  return item === "#/definitions/branch" ? "branch" : null;
}

/** What a `$ref` stands for. */
export function resolve(root: Schema, schema: Schema): Schema {
  let found = schema;
  for (let depth = 0; found.$ref !== undefined && depth < 20; depth += 1) {
    let target: unknown = root;
    for (const key of found.$ref.replace(/^#\//, "").split("/")) {
      target = (target as Record<string, unknown>)[key];
    }
    found = target as Schema;
  }
  return found;
}

/** The kind of a step, by its `type`. */
export function kindOf(grammar: Grammar, type: unknown): KindGrammar {
  const wanted = typeof type === "string" ? type : CALL;
  const named = grammar.kinds.find((one) => one.kind === wanted);
  const call = grammar.kinds.find((one) => one.kind === CALL);
  return named ?? call ?? grammar.playbook;
}

/** What may stand in a step, a branch, or (for an empty path's value) the playbook. */
export function grammarAt(grammar: Grammar, path: readonly unknown[], value: unknown): KindGrammar {
  if (path.length === 0) return grammar.playbook;
  if (path.at(-2) === "branches") return grammar.branch;
  return kindOf(
    grammar,
    typeof value === "object" && value !== null && "type" in value ? value.type : null,
  );
}
