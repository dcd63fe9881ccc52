/** The grammar of playbooks, for tests: of the schema that the server hands out. */

import { readGrammar } from "../grammar";
import schema from "./playbook.schema.json";

export const grammar = readGrammar(schema);
