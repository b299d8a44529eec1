import type { JSX } from "preact";
import { useState } from "preact/hooks";
import type { Picture } from "../shared/api/types";
import { Dialog } from "../shared/controls/Dialog";
import { t } from "../shared/texts";

/** Sheets of results, migrated images, maps of the embedding; a click enlarges one. */
export function Pictures({ pictures }: { pictures: readonly Picture[] }): JSX.Element | null {
  const [open, setOpen] = useState<Picture | null>(null);
  if (pictures.length === 0) return null;
  return (
    <section class="studio-section" aria-labelledby="pictures-title">
      <h2 id="pictures-title">{t("Images")}</h2>
      <ul class="pictures">
        {pictures.map((picture) => (
          <li key={picture.url}>
            <button type="button" class="picture" onClick={() => setOpen(picture)}>
              <img src={picture.url} alt="" loading="lazy" />
              <span>{picture.caption || picture.name}</span>
            </button>
          </li>
        ))}
      </ul>
      {open && (
        <Dialog title={open.caption || open.name} wide onClose={() => setOpen(null)}>
          <a class="picture-large" href={open.url} target="_blank" rel="noopener">
            <img src={open.url} alt={open.caption || open.name} />
          </a>
        </Dialog>
      )}
    </section>
  );
}
