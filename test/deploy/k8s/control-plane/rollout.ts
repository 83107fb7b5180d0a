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

  await t.test(
    'a version that never gets ready stops there while others go on, and is taken back',
    async (t) => {
      const watch = await world.watchReady('orchestrator')
      await setImage('deployment/orchestrator', 'orchestrator', 'murmuration/orchestrator:broken')
      // One more than there were, and one in place of another: two that are not ready.
      const isStuck = async () => {
        const { status } = await world.get('deployments', 'orchestrator')
        return status.availableReplicas === 19 && status.updatedReplicas === 2 && status.replicas === 21
      }
      await until('two of it are there in place of one', isStuck, 60_000)
      await t.test('the edge loses none while it is rolled out', async (t) => {
        const { replicas } = (await world.get('deployments', 'edge')).spec
        const edges = await world.watchReady('edge')
        await setImage('deployment/edge', 'edge', 'murmuration/edge:0.2.0')
        await plane.kubectl(['rollout', 'status', '-n', 'murmur', 'deployment/edge', '--timeout=120s'])
        edges.stop()
        t.equal(edges.order.length, replicas, 'all were replaced')
        t.ok(edges.seen.least >= replicas, `at least ${edges.seen.least} of ${replicas} were ready`)
      })
      t.ok(await isStuck(), 'it went no further meanwhile')
      await plane.kubectl(['rollout', 'undo', '-n', 'murmur', 'deployment/orchestrator'])
      await world.whenComplete()
      watch.stop()
      t.ok(watch.seen.least >= 19, `at least ${watch.seen.least} were ready all the time`)
      const pods = await world.pods('orchestrator')
      t.strictSame(
        pods.filter(({ spec }) => spec.containers[0].image.endsWith(':broken')),
        [],
      )
    },
  )

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
