/** Values as YAML text, the way people write it. */

import { Document, isScalar, type Scalar, Scalar as ScalarNode, type ToStringOptions } from "yaml";

/** Lists and maps of plain short values stand in one line up to this length. */
const ONE_LINE = 60;
const OPTIONS: ToStringOptions = {
  lineWidth: 0,
  flowCollectionPadding: false,
  doubleQuotedMinMultiLineLength: 1_000_000,
};

/** How a scalar was written, which it keeps where that is possible. */
export type Style = Scalar["type"];

/** A value in flow style, in one line. */
export function inFlow(value: unknown): string {
  const document = new Document([value], { aliasDuplicateObjects: false });
  const text = document.toString({ ...OPTIONS, collectionStyle: "flow", blockQuote: false });
  return text.trim().slice(1, -1).trim();
}

/**
 * What stands after `key:`, without the space before it: either in the same line, or (for lists
 * and maps) in lines that follow. Lines after the first are indented relative to the key.
 */
export function afterKey(value: unknown, step: number, style?: Style): readonly string[] {
  if (isShortList(value)) return [inFlow(value)];
  if (Array.isArray(value)) return ["", ...block(value).map((line) => indented(line, step))];
  if (isEmpty(value)) return ["{}"];
  if (typeof value === "object" && value !== null) {
    return ["", ...block(value).map((line) => indented(line, 2))];
  }
  const document = new Document({ k: value });
  if (style !== undefined && typeof value === "string") {
    const scalar = document.get("k", true);
    if (isScalar(scalar)) scalar.type = style;
  }
  return lines(document.toString(OPTIONS).replace(/^k:[ ]?/, ""));
}

/** A mapping or a list in block style, at the left margin. */
export function block(value: unknown): readonly string[] {
  const document = new Document(value, { aliasDuplicateObjects: false });
  return lines(document.toString({ ...OPTIONS }));
}

/** An item of a list in block style, its dash at the left margin. */
export function blockItem(value: unknown): readonly string[] {
  return block([value]);
}

/** Every line but empty ones, moved to the right; to the left where `by` is negative. */
export function indented(line: string, by: number): string {
  if (line.trim() === "") return "";
  if (by >= 0) return " ".repeat(by) + line;
  const room = line.length - line.trimStart().length;
  return line.slice(Math.min(-by, room));
}

export function isBlockText(style: Style | undefined): boolean {
  return style === ScalarNode.BLOCK_FOLDED || style === ScalarNode.BLOCK_LITERAL;
}

function lines(text: string): readonly string[] {
  return text.replace(/\n$/, "").split("\n");
}

function isEmpty(value: unknown): boolean {
  return typeof value === "object" && value !== null && Object.keys(value).length === 0;
}

function isShortList(value: unknown): boolean {
  if (!Array.isArray(value)) return false;
  const simple = value.every((one) => typeof one !== "object" || one === null);
  const single = value.every((one) => typeof one !== "string" || !one.includes("\n"));
  return value.length === 0 || (simple && single && inFlow(value).length <= ONE_LINE);
}
