import { basename, dirname } from 'node:path'

/** What is needed to run a service as a process. */
export interface ServiceSpec {
  name: string
  /** Its main, TypeScript or JavaScript. */
  main: string
  /** What is run for it: a bundle of it, or the main itself. */
  program: string
  logFile: string
  env: NodeJS.ProcessEnv
}

/** Names that say nothing: the folder above them does. */
const PLAIN_FILES = new Set(['main', 'agent', 'index'])
const PLAIN_FOLDERS = new Set(['src', 'dist', 'build', 'lib'])

/** `agents` for the built-in ones, the file's name for others; numbered where two would be the same. */
export function serviceName(main: string, taken: readonly { name: string }[]): string {
  const file = basename(main).replace(/\.[^.]+$/, '')
  const name = PLAIN_FILES.has(file) ? folderName(dirname(main)) : file
  const same = taken.filter((spec) => spec.name.replace(/-\d+$/, '') === name).length
  return same === 0 ? name : `${name}-${same + 1}`
}

function folderName(folder: string): string {
  const name = basename(folder)
  return PLAIN_FOLDERS.has(name) ? basename(dirname(folder)) : name
}

/**
 * On a large machine Node lets the young generation grow beyond 100 MB; halves of 32 MB
 * cost a few percent of throughput and save 80 MB a process.
 */
const SERVICE_NODE_OPTIONS = ['--max-semi-space-size=32']
/**
 * A detector gets half a megabyte a frame that lies outside the heap. Each collection of the young generation frees what is
 * done with; were that large, they would be so rare that only full collections did, every ten frames, at 3 ms of processor
 * time a frame.
 */
const DETECTION_NODE_OPTIONS = ['--max-semi-space-size=1']

/**
 * An edge holds thousands of connections: room for them is worth more than rarer collections. The old generation is collected
 * when it has doubled and not when it is four times as large, which takes 130 MB less and no throughput that could be measured.
 */
const EDGE_NODE_OPTIONS = ['--max-semi-space-size=8', '--heap-growing-percent=100']

/** How Node is started for the service with this main file. */
export function serviceNodeOptions(main: string): string[] {
  if (/[/\\]detection[/\\]main\.[jt]s$/.test(main)) return DETECTION_NODE_OPTIONS
  return /[/\\]edge[/\\]main\.[jt]s$/.test(main) ? EDGE_NODE_OPTIONS : SERVICE_NODE_OPTIONS
}

/**
 * DuckDB allocates in many threads: with an arena of glibc for each, what is freed is kept apart and not given back. Two arenas that are trimmed
 * take 60 MiB less of a table of 10 million rows, and no time. Other C libraries do not know these names.
 */
const REPORT_ENVIRONMENT = { MALLOC_ARENA_MAX: '2', MALLOC_TRIM_THRESHOLD_: '65536' }

/** What the process of a service finds in its environment unless somebody has set it otherwise. */
export function serviceEnvironment(main: string): Readonly<Record<string, string>> {
  return /(?:report-agents|[/\\]ingest[/\\]main)\.[jt]s$/.test(main) ? REPORT_ENVIRONMENT : {}
}
