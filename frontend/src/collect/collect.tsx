import "../shared/sheet.css";
import "../shared/dialog.css";
import "../annotate/work.css";
import "../annotate/judge.css";
import "./collect.css";
import { startWork } from "../annotate/startWork";
import { t } from "../annotate/strings";
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
