import type { ComponentChildren, JSX } from "preact";
import { t } from "../../shared/texts";

export interface Link {
  readonly title: string;
  readonly content: ComponentChildren;
}

/** A chain of lineage, in a row. */
export function Chain({ links }: { links: readonly Link[] }): JSX.Element {
  return (
    <ol class="chain">
      {links.map(({ title, content }) => (
        <li key={title}>
          <h3>{title}</h3>
          {content}
        </li>
      ))}
    </ol>
  );
}

/** The hash that the next link refers to. */
export function Hash({ of }: { of: string }): JSX.Element {
  return (
    <p class="quiet">
      <code title={of}>{of.slice(0, 12)}</code>
    </p>
  );
}

export function None(): JSX.Element {
  return <p class="quiet">{t("not yet")}</p>;
}
