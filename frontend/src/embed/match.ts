import type { MatchWord } from "../shared/api/types";
import type { Texts } from "./texts";

export function matchText(texts: Texts, match: MatchWord): string {
  return { strong: texts.t("strong match"), fair: texts.t("fair match"), weak: texts.t("weak match") }[match];
}
