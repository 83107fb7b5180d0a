/** Takes one line about what is going on, for people. */
export type Report = (line: string) => void

/** A server that runs somewhere already: used, never started or stopped by us. */
export interface RunningServer {
  kind: 'url'
  url: string
}

/** A program to run. */
export interface ServerBinary {
  kind: 'binary'
  path: string
  version: string
  /** Where it was found, in words: "PATH", "cache" … */
  origin: string
  /** Folder of shared libraries that came with it. */
  libraryPath?: string
}

export type ServerSource = RunningServer | ServerBinary

/** Whether a dotted version is at least another one; anything after the numbers is ignored. */
export function isAtLeast(version: string, wanted: string): boolean {
  const numbers = (text: string) => text.split('.').map((part) => Number.parseInt(part, 10) || 0)
  const have = numbers(version)
  for (const [index, want] of numbers(wanted).entries()) {
    const part = have[index] ?? 0
    if (part !== want) return part > want
  }
  return true
}

/** What a binary from the cache needs in its environment to find the libraries that came with it. */
export function libraryEnvironment(binary: { libraryPath?: string | undefined }): Record<string, string> {
  if (binary.libraryPath === undefined) return {}
  const inherited = process.env.LD_LIBRARY_PATH
  return { LD_LIBRARY_PATH: inherited ? `${binary.libraryPath}:${inherited}` : binary.libraryPath }
}
