import { describe } from "vitest";
import { STRING_KEYS } from "../../../src/work/shell/strings";
import { itHasItsWords } from "../../shared";

describe("the workers' words", () => {
  itHasItsWords("annotation/templates/annotation/_work_strings.html", STRING_KEYS);
});
