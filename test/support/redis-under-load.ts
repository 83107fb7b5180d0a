import { randomUUID } from 'node:crypto'
import type { Test } from 'tap'
import { partitionOf, SUBJECTS } from '../../subjects/subjects.ts'
import type { Cluster } from './cluster.ts'
import type { RedisNode } from './redis-node.ts'
import { faultsOf, type Load, type LogWatch, submitTasks } from './task-load.ts'
import { until } from './until.ts'

/** Tasks on a stack whose Redis has several servers, and what must hold of them whatever becomes of those. */
export class RedisUnderLoad {
  readonly #cluster: Cluster
  readonly #log: LogWatch
  readonly #partitions: number

  constructor(about: { cluster: Cluster; log: LogWatch; partitions: number }) {
    this.#cluster = about.cluster
    this.#log = about.log
    this.#partitions = about.partitions
  }

  /** Tasks of which most are under way. */
  async underWay(t: Test, count: number): Promise<Load> {
    const load = await submitTasks(this.#cluster.bus, this.#log, { run: randomUUID(), count })
    const open = count - load.ended()
    t.ok(open >= count / 5, `${open} of ${count} tasks are under way`)
    return load
  }

  /** Every task has ended once, with its result, and what the API says is what the log says. */
  async nothingIsLost(t: Test, ...loads: Load[]): Promise<void> {
    for (const load of loads)
      t.strictSame(
        await faultsOf(this.#cluster.bus, this.#log, load),
        [],
        'each task ended once with its result',
      )
    t.ok(
      this.#cluster.orchestrators.every(({ isAlive }) => isAlive),
      'no orchestrator has ended',
    )
  }

  /** Partitions that have a task that has not ended. */
  openPartitions(load: Load): Set<number> {
    const open = [...load.expected.keys()].filter((id) => {
      const status = this.#log.state(id)?.status
      return status === undefined || status === 'running'
    })
    return new Set(open.map((id) => partitionOf(id, this.#partitions)))
  }

  /**
   * Watches when each partition announces something again: only a commit that went through is announced. What had been committed before
   * may be announced a moment after, so the first quarter of a second does not count.
   * @returns how long each of them took, in ms, as soon as all of them have
   */
  goOn(t: Pick<Test, 'teardown'>, partitions: readonly number[]): Promise<ReadonlyMap<number, number>> {
    const sinceMs = performance.now()
    const backMs = new Map<number, number>()
    const end = this.#cluster.bus.subscribe(SUBJECTS.eventsAll, ({ subject }) => {
      const partition = partitionOf(subject.split('.')[3]!, this.#partitions)
      const tookMs = performance.now() - sinceMs
      if (tookMs > 250 && !backMs.has(partition)) backMs.set(partition, tookMs)
    })
    t.teardown(end)
    return until('all partitions go on', () => partitions.every((p) => backMs.has(p)), 60_000).then(
      () => backMs,
    )
  }
}

/** From now on it gets nothing from its master any more, and yet it may take its place: it is stale. */
export async function cutOff(replica: RedisNode, master: RedisNode): Promise<void> {
  await replica.direct.config('SET', 'masteruser', 'nobody')
  await replica.direct.config('SET', 'masterauth', 'wrong')
  await master.direct.call('CLIENT', 'KILL', 'TYPE', 'replica')
  await until(
    'it is cut off',
    async () => (await replica.info('replication', 'master_link_status')) === 'down',
  )
}

/** It may follow again. */
export async function letFollow(...nodes: readonly RedisNode[]): Promise<void> {
  for (const { direct } of nodes) {
    await direct.config('SET', 'masterauth', '')
    await direct.config('SET', 'masteruser', '')
  }
}
