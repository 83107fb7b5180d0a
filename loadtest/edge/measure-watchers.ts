import { percentileOrNaN, round, rssMb } from '../bench/measure.ts'
import type { EdgeProduct } from './edge-product.ts'
import { grpcWatching } from './grpc-transport.ts'
import { submissionOf } from './measure-transport.ts'
import { restTransport } from './rest-transport.ts'
import { type Watcher, watcherAgent, watchRest } from './watch-load.ts'

export interface WatcherFigures {
  count: number
  /** Of the edge with all of them watching. MB (10^6 bytes). */
  rssMb: number
  /** Deliveries that were measured. */
  events: number
  /** From what happened, as the log has it, to the watcher. */
  p50Ms: number
  p99Ms: number
}

/** Watchers of one task. */
const PER_TASK = 4
/** Time for all of them to be there before the first task begins. */
const GATHER_MS = 25_000
const TASKS_PER_SECOND = 25
const OPENING_AT_ONCE = 100
/** Accepted, three steps, completed: what a watcher who was there before is told is all but the first. */
const EVENTS_PER_TASK = 4
const END_TIMEOUT_MS = 60_000

/** Half of them over gRPC, half over REST; the tasks begin one after the other once all are there. */
export async function measureWatchers(product: EdgeProduct, count: number): Promise<WatcherFigures> {
  const transport = restTransport(product.restPort)
  const ages: number[] = []
  let wake = () => {}
  const onEvent = (ageMs: number) => {
    ages.push(ageMs)
    wake()
  }
  const agent = watcherAgent()
  const grpc = grpcWatching(product.grpcPort)
  const startedMs = performance.now()
  const tasks: string[] = []
  const all = Math.ceil(count / PER_TASK)
  for (let i = 0; i < all; i++) {
    const delayMs = GATHER_MS + Math.round((i * 1000) / TASKS_PER_SECOND)
    tasks.push(await transport.submit(submissionOf({ delayMs })))
  }
  const watchers: Watcher[] = []
  for (let from = 0; from < count; from += OPENING_AT_ONCE) {
    const some: Watcher[] = []
    for (let i = from; i < Math.min(count, from + OPENING_AT_ONCE); i++) {
      const taskId = tasks[i % all]!
      some.push(
        i % 2 === 0 ? watchRest(product.restPort, taskId, onEvent, agent) : grpc.watch(taskId, onEvent),
      )
    }
    await Promise.all(some.map(({ ready }) => ready))
    watchers.push(...some)
  }
  const gatheredMs = performance.now() - startedMs
  if (gatheredMs > GATHER_MS) throw new Error(`the watchers took ${round(gatheredMs / 1000)} s to gather`)
  const rss = rssMb(product.edgePid)
  const wanted = count * EVENTS_PER_TASK
  const late = new Promise<never>((_, reject) => {
    const afterMs = GATHER_MS + (all * 1000) / TASKS_PER_SECOND + END_TIMEOUT_MS
    setTimeout(() => reject(new Error(`${ages.length} of ${wanted} events came`)), afterMs).unref()
  })
  while (ages.length < wanted) {
    const next = new Promise<void>((resolve) => {
      wake = resolve
    })
    await Promise.race([next, late])
  }
  // What is cut off ends with an error, which nobody waits for any more.
  for (const watcher of watchers) watcher.close()
  grpc.close()
  await transport.close()
  agent.destroy()
  ages.sort((a, b) => a - b)
  return {
    count,
    rssMb: rss,
    events: ages.length,
    p50Ms: round(percentileOrNaN(ages, 0.5)),
    p99Ms: round(percentileOrNaN(ages, 0.99)),
  }
}
