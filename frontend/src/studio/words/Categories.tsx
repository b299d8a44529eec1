import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { WordsCategory, WordsName } from "../../shared/api/types";
import { t, tn } from "../../shared/texts";
import { usePages } from "../kit/hooks/pages";
import { More } from "../kit/More";
import { Await } from "../kit/States";
import { Chips } from "./Chips";
import { Products } from "./Products";

interface Props {
  readonly sought: string;
  readonly names: readonly WordsName[];
  readonly onChange: () => void;
}

/** Categories by address, each with the names that its products answer. */
export function Categories({ sought, names, onChange }: Props): JSX.Element {
  const [state, again] = usePages<WordsCategory>(
    `catalog/words/categories/${sought ? `?q=${encodeURIComponent(sought)}` : ""}`,
  );
  return (
    <section class="studio-section" aria-labelledby="words-categories">
      <h2 id="words-categories">{t("Categories")}</h2>
      <Await state={state} onAgain={again} rows={6}>
        {(list) =>
          list.rows.length === 0 ? (
            <None sought={sought} />
          ) : (
            <>
              <ul class="words-list">
                {list.rows.map((row) => (
                  <CategoryItem key={row.slug} loaded={row} names={names} onChange={onChange} />
                ))}
              </ul>
              <More rows={list} />
            </>
          )
        }
      </Await>
    </section>
  );
}

function None({ sought }: { sought: string }): JSX.Element {
  if (sought) return <p class="quiet none">{t("No category is called “{name}”.", { name: sought })}</p>;
  return (
    <div class="blank">
      <h3>{t("No products yet")}</h3>
      <p>{t("Import a catalogue: its categories and what they are recognised as are then listed here.")}</p>
      <a class="action" href="/admin/catalog/catalogimport/add/">
        {t("Import a catalogue")}
      </a>
    </div>
  );
}

interface ItemProps {
  readonly loaded: WordsCategory;
  readonly names: readonly WordsName[];
  readonly onChange: () => void;
}

function CategoryItem({ loaded, names, onChange }: ItemProps): JSX.Element {
  const [changed, setChanged] = useState<WordsCategory | null>(null);
  const [isOpen, setOpen] = useState(false);
  const row = changed ?? loaded;
  return (
    <li class="words-item">
      <div class="words-what">
        <h3>{row.name}</h3>
        <button type="button" class="link" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
          {tn("Show 1 product", "Show {n} products", row.n_products)}
        </button>
      </div>
      <Chips
        of={{ path: `catalog/words/categories/${row.slug}/`, title: row.name, nProducts: row.n_products }}
        row={row}
        names={names}
        onRow={(next) => {
          setChanged(next as WordsCategory);
          onChange();
        }}
      />
      {isOpen && <Products key={JSON.stringify(row.names)} slug={row.slug} names={names} onChange={onChange} />}
    </li>
  );
}
