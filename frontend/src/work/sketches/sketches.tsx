import "../../shared/styles/sheet.css";
import "../../shared/styles/dialog.css";
import "../shell/work.css";
import "../triplets/judge.css";
import "./sketches.css";
import { startWork } from "../shell/startWork";
import { t } from "../shell/strings";
import { FromMemory, type SketchItem } from "./FromMemory";

startWork<SketchItem>({
  pictures: () => [],
  shortcuts: () => [
    [t("pen"), "P"],
    [t("eraser"), "E"],
    [t("undo"), "Z"],
    [t("redo"), "Shift Z"],
    [t("width"), "[", "]"],
  ],
  // A drawing takes minutes: what is claimed ahead would wait on somebody's desk.
  ahead: 1,
  render: (props) => <FromMemory {...props} key={props.item.id} />,
});
