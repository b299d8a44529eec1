import "../../shared/styles/dialog.css";
import "../kit/studio.css";
import "../kit/forms.css";
import "./tasks/tasks.css";
import { render } from "preact";
import type { Category } from "../../shared/api/types";
import { readJson } from "../../shared/pageData";
import { Detail } from "./Detail";
import { Form } from "./Form";
import { List } from "./List";

/** The template's data for the script. */
interface PageData {
  readonly page: "list" | "form" | "detail";
  readonly campaign_id?: number;
  readonly categories?: readonly Category[];
}

const root = document.getElementById("campaigns");
const data = readJson<PageData>("page-data");
if (root && data) {
  const id = data.campaign_id ?? null;
  root.replaceChildren();
  if (data.page === "detail" && id !== null) render(<Detail id={id} categories={data.categories ?? []} />, root);
  else if (data.page === "form") render(<Form id={id} />, root);
  else render(<List />, root);
}
