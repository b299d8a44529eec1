import "../../shared/styles/sheet.css";
import "../../shared/styles/dialog.css";
import "../shell/work.css";
import "../triplets/judge.css";
import "./attributes.css";
import { startWork } from "../shell/startWork";
import { t } from "../shell/strings";
import { type AttributeItem, Ontology, pictureOf } from "./Ontology";

startWork<AttributeItem>({
  pictures: (item) => [pictureOf(item)],
  shortcuts: () => [
    [t("yes"), "1", "Y"],
    [t("no"), "2", "N"],
    [t("unsure"), "3", "C"],
    [t("keyRows"), "↑", "↓"],
    [t("submit"), "Ctrl ⏎"],
  ],
  answerText: ({ answer }, { campaign }) =>
    campaign.ontology
      .filter(({ slug }) => typeof answer === "object" && slug in answer)
      .map(({ slug, name }) => `${name}: ${(answer as Record<string, boolean>)[slug] ? t("yes") : t("no")}`)
      .join(", "),
  render: (props) => <Ontology {...props} key={props.item.id} />,
});
