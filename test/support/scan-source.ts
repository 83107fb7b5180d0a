/**
 * The code of a source: comments and the contents of strings, templates and regular expressions are blanked out.
 * Nothing moves, so offsets and line numbers stay those of the source.
 */
export function codeOf(source: string): string {
  return source.replace(TOKEN, (token) => {
    if (token.startsWith('//') || token.startsWith('/*')) return blank(token)
    return token[0]! + blank(token.slice(1, -1)) + token.at(-1)!
  })
}

/** Module specifiers of static imports, re-exports and dynamic imports of a literal, in order. Types included. */
export function importsOf(source: string): string[] {
  return [...codeOf(source).matchAll(IMPORT)].map((match) => {
    const [start, end] = match.indices!.groups!.specifier!
    return source.slice(start, end)
  })
}

/**
 * Comments, strings, templates, and regular expressions where a value may begin. Code inside `${}` of a template is
 * taken for text: good enough for rules, and what hides there is found by review.
 */
const TOKEN =
  /\/\*[\s\S]*?\*\/|\/\/[^\n]*|'(?:[^'\\\n]|\\.)*'|"(?:[^"\\\n]|\\.)*"|`(?:[^`\\]|\\[\s\S])*`|(?<=(?:[(,=:[!&|?{};]|^|return)\s*)\/(?![*/])(?:[^/\\\n[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+\//gm

const IMPORT = /\b(?:(?:import|export)\s[^'";`]*?\bfrom|import|import\()\s*['"](?<specifier> *)['"]/dg

function blank(token: string): string {
  return token.replace(/[^\n]/g, ' ')
}
