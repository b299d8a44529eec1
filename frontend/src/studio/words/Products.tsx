import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { WordsName, WordsProduct } from "../../shared/api/types";
import { usePages } from "../kit/hooks/pages";
import { More } from "../kit/More";
import { Await } from "../kit/States";
import { Chips } from "./Chips";

interface Props {
  readonly slug: string;
  readonly names: readonly WordsName[];
  readonly onChange: () => void;
}

/** The products of a category, each with the names that it answers. */
export function Products({ slug, names, onChange }: Props): JSX.Element {
  const [state, again] = usePages<WordsProduct>(`catalog/words/categories/${slug}/products/?page_size=24`);
  return (
    <div class="words-products">
      <Await state={state} onAgain={again}>
        {(list) => (
          <>
            <ul class="words-list">
              {list.rows.map((row) => (
                <ProductItem key={row.id} loaded={row} names={names} onChange={onChange} />
              ))}
            </ul>
            <More rows={list} />
          </>
        )}
      </Await>
    </div>
  );
}

interface ItemProps {
  readonly loaded: WordsProduct;
  readonly names: readonly WordsName[];
  readonly onChange: () => void;
}

function ProductItem({ loaded, names, onChange }: ItemProps): JSX.Element {
  const [changed, setChanged] = useState<WordsProduct | null>(null);
  const row = changed ?? loaded;
  return (
    <li class="words-item">
      <a class="words-what words-product" href={row.url}>
        <img src={row.thumb_url} alt="" width={48} height={48} loading="lazy" />
        <span>{row.name}</span>
      </a>
      <Chips
        of={{ path: `catalog/words/products/${row.id}/`, title: row.name, nProducts: null }}
        row={row}
        names={names}
        onRow={(next) => {
          setChanged(next as WordsProduct);
          onChange();
        }}
      />
    </li>
  );
}
