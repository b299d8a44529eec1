import "../../shared/styles/sheet.css";
import "../../shared/styles/dialog.css";
import "../../shared/styles/study.css";
import "../shell/work.css";
import "../triplets/judge.css";
import "./attributes.css";
import { t } from "../../shared/texts";
import { startWork } from "../shell/startWork";
import { type AttributeItem, Ontology, pictureOf } from "./Ontology";

startWork<AttributeItem>({
  pictures: (item) => [pictureOf(item)],
  shortcuts: () => [
    [t("Yes"), "1", "Y"],
    [t("No"), "2", "N"],
    [t("Can’t tell"), "3", "C"],
    [t("Previous / next row"), "↑", "↓"],
    [t("Save and continue"), "⏎"],
  ],
  answerText: ({ answer }, { campaign }) =>
    campaign.ontology
      .filter(({ slug }) => typeof answer === "object" && slug in answer)
      .map(({ slug, name }) => `${name}: ${(answer as Record<string, boolean>)[slug] ? t("Yes") : t("No")}`)
      .join(", "),
  render: (props) => <Ontology {...props} key={props.item.id} />,
});
