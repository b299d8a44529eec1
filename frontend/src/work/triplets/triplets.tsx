import "../../shared/styles/sheet.css";
import "../../shared/styles/dialog.css";
import "../../shared/styles/study.css";
import "../shell/work.css";
import "./judge.css";
import { t } from "../../shared/texts";
import type { Triplet } from "../shell/session/types";
import { startWork } from "../shell/startWork";
import { Judge } from "./Judge";

startWork<Triplet>({
  pictures: (item) => [item.sketch_url, item.left.photo_url, item.right.photo_url],
  shortcuts: () => [
    [t("Left"), "1", "←"],
    [t("Right"), "2", "→"],
    [t("Can’t tell"), "C"],
    [t("Skip"), "S"],
    [t("Undo"), "U"],
    [t("Enlarge"), "Z"],
  ],
  render: (props) => <Judge {...props} />,
  answerText: ({ answer }) =>
    ({ left: t("Left"), right: t("Right"), cant_tell: t("Can’t tell") })[String(answer)] ?? "",
});
