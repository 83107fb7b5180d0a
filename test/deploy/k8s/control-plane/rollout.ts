import type { Test } from 'tap'
import { until } from '../../../support/until.ts'
import type { World } from './world.ts'

/** Rollouts of new versions, with 20 orchestrators. */
export async function proveRollouts(t: Test, world: World): Promise<void> {
  const { plane } = world
  const setImage = (workload: string, container: string, image: string) =>
    plane.kubectl(['set', 'image', '-n', 'murmur', workload, `${container}=${image}`])

  await t.test('a new version of 20 orchestrators: never fewer than 19 are ready', async (t) => {
    const watch = await world.watchReady('orchestrator')
    await setImage('deployment/orchestrator', 'orchestrator', 'murmuration/orchestrator:0.2.0')
    await world.whenComplete(240_000)
    watch.stop()
    t.equal(watch.order.length, 20, 'all were replaced')
    t.ok(
      watch.seen.least >= 19,
      `at least ${watch.seen.least} were ready at each of ${watch.seen.changes} changes`,
    )
    const pods = await world.pods('orchestrator')
    t.strictSame(
      [...new Set(pods.map(({ spec }) => spec.containers[0].image))],
      ['murmuration/orchestrator:0.2.0'],
    )
  })

  await t.test('a version that never gets ready stops there, and is taken back', async (t) => {
    const watch = await world.watchReady('orchestrator')
    await setImage('deployment/orchestrator', 'orchestrator', 'murmuration/orchestrator:broken')
    // One more than there were, and one in place of another: two that are not ready, and there it stays.
    const broken = async () =>
      (await world.pods('orchestrator')).filter(
        ({ spec }) => spec.containers[0].image === 'murmuration/orchestrator:broken',
      )
    await until('two of it are there', async () => (await broken()).length === 2, 60_000)
    const { status } = await world.get('deployments', 'orchestrator')
    t.ok((status.availableReplicas ?? 0) >= 19, `${status.availableReplicas} are available meanwhile`)
    await plane.kubectl(['rollout', 'undo', '-n', 'murmur', 'deployment/orchestrator'])
    await world.whenComplete()
    watch.stop()
    t.equal((await broken()).length, 0)
    t.ok(watch.seen.least >= 19, `at least ${watch.seen.least} were ready all the time`)
  })

  await t.test('the edge loses none while it is rolled out', async (t) => {
    const { replicas } = (await world.get('deployments', 'edge')).spec
    const watch = await world.watchReady('edge')
    await setImage('deployment/edge', 'edge', 'murmuration/edge:0.2.0')
    await world.whenComplete()
    watch.stop()
    t.ok(watch.seen.least >= replicas, `at least ${watch.seen.least} of ${replicas} were ready`)
  })

  await t.test(
    'NATS goes server by server, the last first, each after the one before is ready',
    async (t) => {
      const watch = await world.watchReady('nats')
      await setImage('statefulset/nats', 'nats', 'nats:2.15.1-alpine')
      await world.whenComplete()
      watch.stop()
      t.strictSame(watch.order, ['nats-2', 'nats-1', 'nats-0'])
      t.equal(watch.seen.least, 2)
    },
  )
}
