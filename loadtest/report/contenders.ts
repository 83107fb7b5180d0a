import { fileURLToPath } from 'node:url'

export const CONTENDER_NAMES = ['murmuration', 'duckdb', 'pandas', 'ydata-minimal', 'ydata-full'] as const
export type ContenderName = (typeof CONTENDER_NAMES)[number]

/** A program that looks at a whole CSV file, in a process of its own. */
export interface Contender {
  name: ContenderName
  what: string
  /** Program and arguments before the path of the file. */
  command: readonly [string, ...string[]]
  /** Prints its versions, or fails: then the contender is not on this machine. */
  probe?: readonly [string, ...string[]]
  /** Reads only so many rows. */
  maxRows?: number
}

const beside = (file: string) => fileURLToPath(new URL(file, import.meta.url))

/** All contenders, in the order in which they run. Pure. */
export function contendersOf(options: { node: string; python: string; fullRows: number }): Contender[] {
  const { node, python, fullRows } = options
  const profile = beside('profile.py')
  const inPython = (task: string, ...rest: string[]): Pick<Contender, 'command' | 'probe'> => ({
    command: [python, profile, task, ...rest],
    probe: [python, profile, 'versions', task],
  })
  return [
    {
      name: 'murmuration',
      what: 'read, analysis, report and its page',
      command: [node, beside('make-report.ts')],
    },
    { name: 'duckdb', what: 'SUMMARIZE', command: [node, beside('summarize-file.ts')] },
    { name: 'pandas', what: 'read_csv and describe(include="all")', ...inPython('describe') },
    { name: 'ydata-minimal', what: 'ProfileReport(minimal=True) and its page', ...inPython('minimal') },
    {
      name: 'ydata-full',
      what: `ProfileReport of the first ${fullRows} rows and its page`,
      ...inPython('full', String(fullRows)),
      maxRows: fullRows,
    },
  ]
}
