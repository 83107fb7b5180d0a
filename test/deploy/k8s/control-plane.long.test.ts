import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { commandsOf, runCommands } from './control-plane/commands.ts'
import { definitionFiles } from './control-plane/definitions.ts'
import { proveDisruptions } from './control-plane/disruption.ts'
import { serveExternalMetrics } from './control-plane/external-metrics.ts'
import { type CpuMillis, servePodMetrics } from './control-plane/metrics-api.ts'
import { listOf, nodes, volumes } from './control-plane/nodes.ts'
import { clear, proveOverlay, proveStorage, renewVolumes } from './control-plane/overlays.ts'
import { findProgram, PROGRAMS } from './control-plane/programs.ts'
import { proveRollouts } from './control-plane/rollout.ts'
import { proveScalingDown, proveScalingUp, type Sources, startAtRest } from './control-plane/scaling.ts'
import { startControlPlane } from './control-plane/start.ts'
import { World } from './control-plane/world.ts'
import { findKubectl, madeSecrets, OVERLAYS, renderOverlay } from './render.ts'

const kubectl = findKubectl()
const missing = [
  ...(kubectl === undefined ? ['kubectl'] : []),
  ...['prometheus', ...PROGRAMS].filter((name) => findProgram(name) === undefined),
]
t.setTimeout(900_000)

const skip =
  missing.length > 0 && `not there: ${missing.join(', ')}; npm run test:k8s builds what Go can build`

await t.test('the manifests on a control plane of Kubernetes', { skip }, (t) =>
  proveOnControlPlane(t, kubectl!),
)

async function proveOnControlPlane(t: Test, program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-control-plane-'))
  const plane = await startControlPlane(folder, program)
  const cpu: CpuMillis = new Map()
  const pods = await servePodMetrics(plane, folder, cpu)
  const external = await serveExternalMetrics(plane, folder)
  t.teardown(async () => {
    await Promise.all([external.stop(), pods.stop()])
    await plane.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const world = new World(plane)
  const sources: Sources = { metrics: external.metrics, cpu }
  startAtRest(sources)
  await plane.kubectl(['apply', '-f', '-'], listOf([...nodes(), ...volumes()]))
  const hasDefinitions = await applyDefinitions(t, world)
  const texts = new Map(OVERLAYS.map((name) => [name, renderOverlay(program, name)]))
  const secrets = madeSecrets()
  const run = (heading: string) => runCommands(commandsOf(heading), program, plane.kubeconfig)

  await t.test('prod is installed by the commands of docs/kubernetes.md', async (t) => {
    await run('Install')
    await world.whenComplete()
    await proveStorage(t, world)
    const redis = await world.get('claims', 'data-redis-0')
    t.match(redis.status, { phase: 'Bound', capacity: { storage: '10Gi' } })
  })
  await proveAdmission(t, world, texts, hasDefinitions)
  await proveScalingUp(t, world, sources)
  await proveRollouts(t, world)
  await proveScalingDown(t, world, sources)
  await proveDisruptions(t, world)
  await t.test('it is scaled, upgraded and uninstalled by the commands of the page', async (t) => {
    await run('Scale')
    await world.whenAvailable('orchestrator', 5)
    await run('Upgrade')
    await world.whenComplete()
    await run('Uninstall')
    const { status } = await plane.api.send('GET', '/api/v1/namespaces/murmur')
    t.equal(status, 404)
    await renewVolumes(plane)
  })
  for (const overlay of OVERLAYS.filter((name) => name !== 'prod')) {
    if (!hasDefinitions && ['ha', 'keda'].includes(overlay)) continue
    await proveOverlay(t, world, overlay, { texts, secrets, sources })
    await clear(world)
  }
}

async function proveAdmission(
  t: Test,
  world: World,
  texts: ReadonlyMap<string, string>,
  hasDefinitions: boolean,
): Promise<void> {
  await t.test('a typing error and a privileged pod are refused', async (t) => {
    const tried = (overlay: string, right: string, wrong: string) =>
      world.apply(texts.get(overlay)!.replaceAll(right, wrong), '--dry-run=server')
    await t.rejects(tried('prod', 'readinessProbe:', 'readyProbe:'), /readyProbe/)
    if (hasDefinitions) {
      await t.rejects(tried('keda', 'scalingModifiers:', 'scaleModifiers:'), /scaleModifiers/)
      await t.rejects(tried('ha', 'sectionName:', 'section:'), /section/)
    }
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'privileged', namespace: 'murmur' },
      spec: { containers: [{ name: 'a', image: 'a', securityContext: { privileged: true } }] },
    }
    await t.rejects(world.apply(JSON.stringify(pod)), /violates PodSecurity "restricted/)
  })
}

/** The definitions that two overlays need; false where they can't be had. */
async function applyDefinitions(t: Test, { plane }: World): Promise<boolean> {
  try {
    const files = definitionFiles().flatMap((file) => ['-f', file])
    await plane.kubectl(['apply', '--server-side', ...files])
    await until(
      'the definitions are taken',
      () =>
        plane.kubectl(['wait', '--for=condition=Established', 'crd', '--all', '--timeout=5s']).then(
          () => true,
          () => false,
        ),
      60_000,
    )
    return true
  } catch (error) {
    t.comment(`the overlays ha and keda are left out: ${String(error)}`)
    return false
  }
}
