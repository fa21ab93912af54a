export { judge, type Judgement, type Side, sideOf, type Watched } from "./judge.ts";
