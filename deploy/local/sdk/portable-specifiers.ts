/** What follows `from`, `import` or `import(`, where it names a source of the repository. */
const SPECIFIER =
  /(?<=\b(?:from|import)\s*\(?\s*)(?<quote>['"])(?:#(?<alias>[a-z]+)\/(?<rest>[^'"]+)|(?<relative>\.[^'"]*))\.[jt]s\k<quote>/g
const WORKER_URL =
  /(?<=\bnew URL\(\s*)(?<quote>['"])(?<path>\.[^'"]*)\.[jt]s\k<quote>(?=\s*,\s*import\.meta\.url)/g
/** The ending of the file itself: needs no change. */
const WORKER_TEMPLATE = /\bnew URL\(\s*`(?<path>\.[^`$]*)\$\{extname\(import\.meta\.url\)\}`/g

/**
 * The text of an emitted file with specifiers that work wherever it is put: relative ones, ending in `.js`, for imports and
 * for files that are reached by a URL. Pure.
 * @param wayTo the relative way to a file below an alias of the repository (`platform`, `clock/clock`)
 */
export function portableSpecifiers(text: string, wayTo: (alias: string, rest: string) => string): string {
  return text
    .replace(SPECIFIER, (...match) => {
      const { quote, alias, rest, relative } = match.at(-1) as Record<string, string | undefined>
      return `${quote}${alias === undefined ? relative : wayTo(alias, rest!)}.js${quote}`
    })
    .replace(WORKER_URL, (...match) => {
      const { quote, path } = match.at(-1) as Record<string, string>
      return `${quote}${path}.js${quote}`
    })
}

/** What a source of the repository imports of it: paths without their ending, relative or below an alias. Pure. */
export function sourcesImportedBy(text: string): { alias: string | undefined; path: string }[] {
  return [...text.matchAll(SPECIFIER)].map(({ groups }) => ({
    alias: groups!.alias,
    path: groups!.rest ?? groups!.relative!,
  }))
}

/** Files that an emitted file reaches by their URL, with the ending `.js`: those of worker threads. Pure. */
export function workerFilesIn(text: string): string[] {
  return [...text.matchAll(WORKER_URL), ...text.matchAll(WORKER_TEMPLATE)].map(
    (match) => `${match.groups!.path}.js`,
  )
}

/** Relative specifiers that a portable file imports from. Pure. */
export function relativeSpecifiersIn(text: string): string[] {
  return [...text.matchAll(/\b(?:from|import)\s*\(?\s*['"](\.[^'"]*\.js)['"]/g)].map((match) => match[1]!)
}
