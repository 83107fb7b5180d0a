import type { Test } from 'tap'
import { until } from '../../../support/until.ts'
import type { Manifest } from '../manifests.ts'
import { TIGHT } from './nodes.ts'
import type { World } from './world.ts'

export async function proveDisruptions(t: Test, world: World): Promise<void> {
  const { plane } = world
  const allows = (name: string, count: number) =>
    until(
      `the budget of ${name} allows ${count}`,
      async () => (await world.get('budgets', name)).status.disruptionsAllowed === count,
      30_000,
    )

  await t.test('of two evictions at once every budget lets one happen', async (t) => {
    // What replaces the first finds no node, so it stays away.
    await plane.kubectl(['cordon', 'node-0', 'node-1', 'node-2'])
    for (const workload of ['nats', 'orchestrator', 'edge', 'alerting', 'capture']) {
      await allows(workload, 1)
      const [first, second] = await world.pods(workload)
      t.match(await world.evict(first!), { status: 201 }, `the first of ${workload}`)
      t.match(
        await world.evict(second!),
        { status: 429, message: /would violate the pod's disruption budget/ },
        `the second of ${workload}`,
      )
    }
    await plane.kubectl(['uncordon', 'node-0', 'node-1', 'node-2'])
    await world.whenComplete()
  })

  await t.test('a node is drained, and two of three NATS servers stay', async (t) => {
    await allows('nats', 1)
    const watch = await world.watchReady('nats')
    const drain = (node: string, ...more: string[]) =>
      plane.kubectl(['drain', node, '--ignore-daemonsets', '--delete-emptydir-data', ...more])
    await drain('node-0', '--timeout=120s')
    const left = (await plane.api.get('/api/v1/pods?fieldSelector=spec.nodeName=node-0')).items as Manifest[]
    t.strictSame(
      left.filter(({ metadata }) => !metadata.deletionTimestamp).map(({ metadata }) => metadata.name),
      [],
    )
    // Where two would be on one node the third waits; so a second node can't be drained yet.
    await t.rejects(drain('node-1', '--pod-selector=app.kubernetes.io/name=nats', '--timeout=4s'))
    t.equal(watch.seen.least, 2)
    await plane.kubectl(['uncordon', 'node-0', 'node-1'])
    await world.whenComplete()
    watch.stop()
    t.equal((await world.podsByNode('nats')).size, 3, 'one on each node again')
  })

  await t.test(
    'where there is no room, what matters more takes it, and video takes it from nobody',
    async (t) => {
      const pod = (name: string, priorityClassName: string) => ({
        apiVersion: 'v1',
        kind: 'Pod',
        metadata: { name, namespace: 'default' },
        spec: {
          priorityClassName,
          terminationGracePeriodSeconds: 0,
          nodeSelector: { test: 'tight' },
          tolerations: [TIGHT],
          containers: [{ name: 'a', image: 'a', resources: { requests: { cpu: '40' } } }],
        },
      })
      const path = '/api/v1/namespaces/default/pods'
      const create = (name: string, priority: string) => plane.api.send('POST', path, pod(name, priority))
      const readPod = (name: string) => plane.api.get(`${path}/${name}`)
      const whenThere = (name: string) =>
        until(`${name} runs`, async () => (await readPod(name)).status.phase === 'Running', 30_000)
      await until('the default account is there', async () => {
        const answer = await plane.api.send('POST', path, pod('agent', 'murmur-agents'))
        return answer.status === 201 || answer.status === 409
      })
      await whenThere('agent')
      await create('video', 'murmur-video')
      await until(
        'the scheduler has seen that video does not fit',
        async () =>
          ((await readPod('video')).status.conditions ?? []).some(
            ({ type, reason }: Manifest) => type === 'PodScheduled' && reason === 'Unschedulable',
          ),
        30_000,
      )
      t.equal((await readPod('agent')).metadata.deletionTimestamp, undefined)
      await create('core', 'murmur-core')
      await whenThere('core')
      t.equal((await plane.api.send('GET', `${path}/agent`)).status, 404, 'the agent made room')
      await plane.kubectl(['delete', 'pods', '-n', 'default', '--all', '--grace-period=0', '--force'])
    },
  )
}
