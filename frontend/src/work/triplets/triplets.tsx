import "../../shared/styles/sheet.css";
import "../../shared/styles/dialog.css";
import "../shell/work.css";
import "./judge.css";
import { Judge } from "./Judge";
import { startWork } from "../shell/startWork";
import { t } from "../shell/strings";
import type { Triplet } from "../shell/session/types";

startWork<Triplet>({
  pictures: (item) => [item.sketch_url, item.left.photo_url, item.right.photo_url],
  shortcuts: () => [
    [t("left"), "1", "←"],
    [t("right"), "2", "→"],
    [t("cantTell"), "C"],
    [t("skip"), "S"],
    [t("undoAnswer"), "U"],
    [t("enlarge"), "Z"],
  ],
  render: (props) => <Judge {...props} />,
  answerText: ({ answer }) => ({ left: t("left"), right: t("right"), cant_tell: t("cantTell") })[String(answer)] ?? "",
});
