import "../../shared/styles/sheet.css";
import "../../shared/styles/dialog.css";
import "../../shared/styles/study.css";
import "../shell/work.css";
import "../triplets/judge.css";
import "./sketches.css";
import { t } from "../../shared/texts";
import { startWork } from "../shell/startWork";
import { FromMemory } from "./FromMemory";
import type { SketchItem } from "./item";

startWork<SketchItem>({
  pictures: () => [],
  shortcuts: () => [
    [t("Pen"), "P"],
    [t("Stroke eraser"), "E"],
    [t("Undo"), "Z"],
    [t("Redo"), "Shift Z"],
    [t("Line width"), "[", "]"],
  ],
  // A drawing takes minutes, so items are not claimed ahead.
  ahead: 1,
  render: (props) => <FromMemory {...props} key={props.item.id} />,
});
