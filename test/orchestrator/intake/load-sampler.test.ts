import t from 'tap'
import { createManualClock } from '#platform/clock/manual-clock.ts'
import type { AdmissionControl, Load } from '../../../services/orchestrator/intake/admission-control.ts'
import type { CameraLoad } from '../../../services/orchestrator/intake/camera-quota.ts'
import { LoadSampler } from '../../../services/orchestrator/intake/load-sampler.ts'
import type { WorkSample } from '../../../services/orchestrator/intake/queue-forecast.ts'
import type { PartitionLoad } from '../../../services/orchestrator/partition/partition-store.ts'
import { quietLog } from '../../support/owner-fixture.ts'

const loadOf = (
  offset: number,
  byType: Record<string, number>,
  byTenant: Record<string, number>,
  cameras: Record<string, number> = {},
) => ({
  offset,
  byType: new Map(Object.entries(byType)),
  byTenant: new Map(Object.entries(byTenant)),
  cameras: new Map(Object.entries(cameras)),
  steps: new Map([['x 2 ready', offset]]),
})

t.test('admission is told what all partitions have in flight, together', async (t) => {
  const clock = createManualClock()
  const seen: [Load, number][] = []
  const cameras: CameraLoad[] = []
  const work: WorkSample[] = []
  const capacityOf = () => undefined
  let loads: Promise<PartitionLoad>[] = []
  const watch = new LoadSampler({
    store: { load: (partition) => loads[partition]! },
    partitions: 2,
    lagEvents: () => 9,
    admission: {
      observe: (load: Load, nowMs: number) => seen.push([load, nowMs]),
    } as unknown as AdmissionControl,
    cameras: { observe: (load) => cameras.push(load) },
    forecast: { observeWork: (sample) => work.push(sample) },
    orchestrators: () => 3,
    capacityOf,
    clock,
    log: quietLog,
  })
  loads = [
    Promise.resolve(loadOf(7, { plan: 2, report: 1 }, { north: 3 }, { north: 2 })),
    Promise.resolve(loadOf(5, { plan: 1 }, { north: 0, south: 1 }, { north: 1, south: 1 })),
  ]
  await watch.start()
  const activeOf = new Map([
    ['north', 3],
    ['south', 1],
  ])
  t.strictSame(seen, [[{ active: 4, activeOf, lagEvents: 9, offsets: [7, 5] }, 0]], 'before it has started')
  const camerasOf = new Map([
    ['north', 3],
    ['south', 1],
  ])
  t.strictSame(cameras, [{ camerasOf, offsets: [7, 5] }])
  const ofX = { ready: [0, 0, 12, 0], later: [0, 0, 0, 0], done: [0, 0, 0, 0] }
  const about = { offsets: [7, 5], orchestrators: 3, capacityOf }
  t.strictSame(work, [{ atMs: 0, work: new Map([['x', ofX]]), ...about }])

  const failure = Promise.reject(new Error('Redis is away'))
  failure.catch(() => undefined)
  loads = [failure, loads[1]!]
  await clock.whenSleeping()
  await clock.advance(250)
  t.equal(seen.length, 1, 'without an answer what was known goes on to hold')
  loads = [Promise.resolve(loadOf(8, {}, {})), Promise.resolve(loadOf(5, {}, {}))]
  await clock.advance(250)
  t.strictSame(seen.at(-1), [{ active: 0, activeOf: new Map(), lagEvents: 9, offsets: [8, 5] }, 500])
  await watch.stop()
})
