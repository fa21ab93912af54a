import { guard } from "../guard.ts";

const VERB_FILE = /^services\/\w+\/([a-z0-9]+(?:_[a-z0-9]+)+)\.ts$/;

export const verbFileExportsVerb = guard(
  "a verb's file exports the function that its name says: create_alert.ts has createAlert()",
  (path) => VERB_FILE.test(path),
  (file) => ({
    Program(program) {
      const verb = camelCase(VERB_FILE.exec(file.path)?.[1] ?? "");
      if (program.body.flatMap(exportedNames).includes(verb)) return;
      file.report(
        program,
        `this file exports no function ${verb}()`,
        "Name the file after the one verb that it exports, and the verb after the file.",
      );
    },
  }),
);

function camelCase(fileName: string): string {
  return fileName.replace(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}

function exportedNames(statement: Deno.lint.Statement): string[] {
  if (statement.type !== "ExportNamedDeclaration") return [];
  const { declaration } = statement;
  if (declaration?.type === "FunctionDeclaration") return [declaration.id?.name ?? ""];
  if (declaration?.type !== "VariableDeclaration") return [];
  return declaration.declarations.map(({ id }) => id.type === "Identifier" ? id.name : "");
}
