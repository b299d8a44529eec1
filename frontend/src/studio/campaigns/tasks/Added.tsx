import type { JSX } from "preact";
import type { TasksAdded } from "../../../shared/api/types";
import { tn } from "../../../shared/texts";

/** How many tasks were added, and how many of those asked for were there already. */
export function Added({ added }: { added: TasksAdded | null }): JSX.Element {
  return (
    <span role="status">
      {added && tn("1 task added", "{n} tasks added", added.made)}
      {added && added.known > 0 && `; ${tn("1 was there already", "{n} were there already", added.known)}`}
    </span>
  );
}
