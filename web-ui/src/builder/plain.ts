/** The same edits on plain values: what a text edit has to come to. */

import { type Path, valueAt } from "./source";

type Holder = Record<string | number, unknown>;

/** A copy that may be changed; what is shared in it stays shared. */
export function copied<T>(value: T): T {
  return structuredClone(value);
}

/** Puts a value at a path, with maps on the way where there is nothing; undefined takes it away. */
export function put(root: unknown, path: Path, value: unknown): void {
  let holder = root as Holder;
  path.slice(0, -1).forEach((key) => {
    if (typeof holder[key] !== "object" || holder[key] === null) {
      if (value === undefined) return;
      holder[key] = {};
    }
    holder = holder[key] as Holder;
  });
  const last = path.at(-1);
  if (last === undefined) return;
  if (value !== undefined) holder[last] = value;
  else if (Array.isArray(holder)) holder.splice(Number(last), 1);
  else Reflect.deleteProperty(holder, last);
}

/** Puts an item into a list, which is made if it is not there. */
export function putItem(root: unknown, list: Path, index: number, item: unknown): void {
  const found = valueAt(root, list);
  if (Array.isArray(found)) found.splice(index, 0, item);
  else put(root, list, [item]);
}

/** Whether two values are the same to the last part. */
export function same(one: unknown, other: unknown): boolean {
  if (Object.is(one, other)) return true;
  if (typeof one !== "object" || typeof other !== "object" || one === null || other === null) {
    return false;
  }
  if (Array.isArray(one) !== Array.isArray(other)) return false;
  const keys = Object.keys(one);
  if (keys.length !== Object.keys(other).length) return false;
  return keys.every(
    (key) => Object.hasOwn(other, key) && same((one as Holder)[key], (other as Holder)[key]),
  );
}
