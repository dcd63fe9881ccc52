const NAME = /^[\p{L}\p{N}_.-]+(\/[\p{L}\p{N}_.-]+)*$/u;

/** Why this cannot be the name of a playbook's file; the server looks again. */
export function objection(name: string): string {
  if (name === "") return "A playbook needs a name.";
  if (!NAME.test(name) || name.split("/").some((part) => part.startsWith("."))) {
    return "Letters, digits, - and _; folders are parted by /.";
  }
  return "";
}
