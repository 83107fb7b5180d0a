import { appendFileSync } from 'node:fs'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { isMainThread } from 'node:worker_threads'

/**
 * Loaded into a process before its main (`--import`): on SIGUSR2 collects all garbage, and appends the bytes that are left in use, on the
 * heap and outside of it, to `$MURMUR_BENCH_HEAP/<pid>` as a line of JSON.
 */
const folder = process.env.MURMUR_BENCH_HEAP
if (isMainThread && folder !== undefined) {
  setFlagsFromString('--expose-gc')
  const collect = runInNewContext('gc') as () => void
  process.on('SIGUSR2', () => {
    // What the first one lets go of by finalizers is collected by the second.
    collect()
    collect()
    const { heapUsed, external } = process.memoryUsage()
    appendFileSync(`${folder}/${process.pid}`, `${JSON.stringify({ heapUsed, external })}\n`)
  })
}
