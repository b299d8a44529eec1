import "../../shared/styles/dialog.css";
import "../../shared/styles/study.css";
import "../kit/studio.css";
import "../kit/tables.css";
import "../kit/states.css";
import "../kit/live.css";
import "../kit/forms.css";
import "./disputes/disputes.css";
import "./settle/settle.css";
import "./tasks/tasks.css";
import { render } from "preact";
import type { Category } from "../../shared/api/types";
import { readJson } from "../../shared/pageData";
import { AuditPage } from "./audit/AuditPage";
import { Detail } from "./Detail";
import { DisputePage } from "./disputes/DisputePage";
import { Form } from "./Form";
import { List } from "./List";
import { SettlePage } from "./settle/SettlePage";

/** The template's data for the script. */
interface PageData {
  readonly page: "list" | "form" | "detail" | "settle" | "disputes" | "audit";
  readonly campaign_id?: number;
  readonly categories?: readonly Category[];
}

const root = document.getElementById("campaigns");
const data = readJson<PageData>("page-data");
if (root && data) {
  const id = data.campaign_id ?? null;
  root.replaceChildren();
  if (data.page === "detail" && id !== null) render(<Detail id={id} categories={data.categories ?? []} />, root);
  else if (data.page === "settle" && id !== null) render(<SettlePage id={id} />, root);
  else if (data.page === "disputes" && id !== null) render(<DisputePage id={id} />, root);
  else if (data.page === "audit") render(<AuditPage />, root);
  else if (data.page === "form") render(<Form id={id} />, root);
  else render(<List />, root);
}
