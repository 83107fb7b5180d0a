import { matchesGlob } from 'node:path'

/** How much is run: what everybody waits for, all that a change has to pass, or what takes minutes a file as well. */
export type Breadth = 'main' | 'full' | 'long'

/** Tests that take minutes are named so. */
const LONG_TESTS = 'test/**/*.long.test.ts'
/**
 * On real servers, clocks and cameras, ten seconds and more each: a change has to pass them, who tries the project out need not wait for them. What each
 * is about is tested in parts, and by the main stories that stay: tasks and their plans, agents that die, live video, reports, the console.
 */
const FULL_TESTS = [
  'test/integration/{admission,agent-locks,approval-escalation,archived-payloads,backup,camera-incident,checkpoints}.test.ts',
  'test/integration/{dispatch-slow,dispatch-strategies,dispatch-versions,encrypted-uploads,history,integrity}.test.ts',
  'test/integration/{lost-payload-key,overload,payload-encryption,plan-templates,process-metrics,quiet-places}.test.ts',
  'test/integration/{rebuilding,retired-partitions,room,schedules,sealed-records,step-chunks,storage-marks}.test.ts',
  'test/integration/{stored-references,submission-keys,task-trace,tenant-*,wrong-clocks}.test.ts',
  'test/agents/video/capture/{bad-sources,camera-returns,cameras,main-stream}.test.ts',
  'test/agents/video/capture/recording/monitor-recorder.test.ts',
  'test/agents/report/ingest/large/{read-large-file,read-large-workbook}.test.ts',
  'test/chaos/video-recovers.test.ts',
  'test/simulation/faults-are-found.test.ts',
  'test/cli/{commands-over-both-transports,commands/login}.test.ts',
  'test/console/{approvals,palette}.test.ts',
  'test/edge/{api-examples,before-known,hostile,large-answers}.test.ts',
  'test/edge/rest/{openapi-document,task-faults,task-routes}.test.ts',
  'test/orchestrator/{history/partition-archiver,integrity/integrity-auditor}.test.ts',
  'test/deploy/local/servers/server-keeper.test.ts',
  'test/platform/{nats/stream-copies,redis/cluster-connection}.test.ts',
  'test/sdk/{agent-process,package}.test.ts',
]

/** Those that are run of all that there are. Pure. */
export function selectTests(files: readonly string[], breadth: Breadth): string[] {
  const isAny = (patterns: readonly string[], file: string) =>
    patterns.some((pattern) => matchesGlob(file, pattern))
  return files.filter((file) => {
    if (isAny([LONG_TESTS], file)) return breadth === 'long'
    return breadth !== 'main' || !isAny(FULL_TESTS, file)
  })
}

/** Patterns that lead to no file any more. Pure. */
export function uselessPatterns(files: readonly string[]): string[] {
  return FULL_TESTS.flatMap(alternatives).filter((one) => !files.some((file) => matchesGlob(file, one)))
}

/** `a/{b,c}.ts` is `a/b.ts` and `a/c.ts`. */
function alternatives(pattern: string): string[] {
  const [, before = '', names, after = ''] = /^(.*)\{(.*)\}(.*)$/.exec(pattern) ?? []
  return names === undefined ? [pattern] : names.split(',').map((name) => `${before}${name}${after}`)
}
