// Takes out what nobody reads, a third of the package: comments and blanks of the compiled JavaScript, whose docstrings stand in the types beside it, and
// the comments of types that no entry point exports by name. Names within functions are shortened; files, functions, classes and methods keep theirs, so that a
// stack says where.
import { readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { transformSync } from 'esbuild';
import ts from 'typescript';

/** Long enough to weigh little, short enough for the lines of a stack to say where. */
const LINE_CHARS = 600;

/**
 * @param {string} folder what tsc wrote
 * @param {readonly string[]} entries the declarations of the entry points; their code stays as it is, because Node.js finds the names that an ES module
 * may import by its form
 */
export function stripComments(folder, entries) {
  const untouched = entries.map((entry) => entry.replace(/\.d\.ts$/, '.js'));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!name.endsWith('.js') || untouched.includes(path)) continue;
    const options = {
      minifyIdentifiers: true,
      minifySyntax: true,
      minifyWhitespace: true,
      lineLimit: LINE_CHARS,
      charset: 'utf8',
      target: 'node20',
    };
    writeFileSync(path, transformSync(readFileSync(path, 'utf8'), options).code);
  }
}

/**
 * @param {string} folder what tsc wrote
 * @param {readonly string[]} entries the declarations of the entry points; what they export by name keeps its docstrings
 */
export function stripInternalTypes(folder, entries) {
  const exported = new Map(entries.flatMap((entry) => [[entry, undefined], ...exportsOf(parsed(entry))]));
  for (const name of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
    const path = join(folder, name);
    if (!name.endsWith('.d.ts') || (exported.has(path) && exported.get(path) === undefined)) continue;
    const source = parsed(path);
    const names = exported.get(path) ?? new Set();
    const printer = ts.createPrinter({ removeComments: true });
    const text = source.statements.map((statement) =>
      namesOf(statement).some((one) => names.has(one))
        ? statement.getFullText(source).trim()
        : printer.printNode(ts.EmitHint.Unspecified, statement, source),
    );
    writeFileSync(path, `${text.join('\n')}\n`);
  }
}

const parsed = (path) => ts.createSourceFile(path, readFileSync(path, 'utf8'), ts.ScriptTarget.ESNext, true);

/** Which names an entry point exports from which file. */
function exportsOf(entry) {
  return entry.statements.filter(ts.isExportDeclaration).map(({ moduleSpecifier, exportClause }) => {
    const path = join(dirname(entry.fileName), moduleSpecifier.text.replace(/\.js$/, '.d.ts'));
    return [path, new Set(exportClause.elements.map(({ name, propertyName }) => (propertyName ?? name).text))];
  });
}

function namesOf(statement) {
  const declarations = ts.isVariableStatement(statement) ? statement.declarationList.declarations : [statement];
  return declarations.flatMap(({ name }) => (name === undefined ? [] : [name.text]));
}
