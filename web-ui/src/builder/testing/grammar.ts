/** The grammar of playbooks, for tests: of the schema that the server hands out. */

import { readFileSync } from "node:fs";

import { readGrammar, type Schema } from "../grammar";

const file = new URL("playbook.schema.json", import.meta.url);

export const grammar = readGrammar(JSON.parse(readFileSync(file, "utf8")) as Schema);
