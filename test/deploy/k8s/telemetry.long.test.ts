import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import t, { type Test } from 'tap'
import { until } from '../../support/until.ts'
import { commandsOf, runCommands } from './control-plane/commands.ts'
import { listOf, nodes } from './control-plane/nodes.ts'
import { findProgram, PROGRAMS } from './control-plane/programs.ts'
import { startControlPlane } from './control-plane/start.ts'
import type { Manifest } from './manifests.ts'
import { findKubectl, renderOverlay, TELEMETRY_OVERLAYS } from './render.ts'

const kubectl = findKubectl()
const missing = [
  ...(kubectl === undefined ? ['kubectl'] : []),
  ...PROGRAMS.filter((name) => findProgram(name) === undefined),
]
const skip =
  missing.length > 0 && `not there: ${missing.join(', ')}; npm run test:k8s builds what Go can build`
t.setTimeout(300_000)

/** Of claims, in the order of their sizes. */
const CLAIMS = { alertmanager: '1Gi', jaeger: '10Gi', loki: '20Gi', tempo: '20Gi', prometheus: '50Gi' }

for (const overlay of TELEMETRY_OVERLAYS)
  await t.test(`the overlay ${overlay} on a control plane of Kubernetes`, { skip }, (t) =>
    proveAdmitted(t, overlay, kubectl!),
  )

async function proveAdmitted(t: Test, overlay: string, program: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-telemetry-'))
  const plane = await startControlPlane(folder, program)
  t.teardown(async () => {
    await plane.stop()
    rmSync(folder, { recursive: true, force: true })
  })
  const volumes = Object.entries(CLAIMS).map(([name, storage]) => ({
    apiVersion: 'v1',
    kind: 'PersistentVolume',
    metadata: { name },
    spec: { capacity: { storage }, accessModes: ['ReadWriteOnce'], hostPath: { path: `/nowhere/${name}` } },
  }))
  await plane.kubectl(['apply', '-f', '-'], listOf([...nodes(), ...volumes]))
  if (overlay === 'observability') {
    // A tunnel to a pod needs a kubelet.
    const lines = commandsOf('Telemetry').filter((line) => !line.includes('port-forward'))
    const outputs = await runCommands(lines, program, plane.kubeconfig)
    t.match(outputs.join(''), /statefulset.apps\/jaeger created/, 'by the commands of docs/kubernetes.md')
  } else {
    // The services' namespace is there before: a right in it is given to Prometheus.
    const murmur = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'murmur' } }
    await plane.kubectl(['apply', '-f', '-'], JSON.stringify(murmur))
    const args = ['apply', '--server-side', '--validate=strict', '-f', '-']
    t.notMatch(await plane.kubectl(args, renderOverlay(program, overlay)), /Warning/)
    const password = '--from-literal=password=of-a-test'
    await plane.kubectl(['create', 'secret', 'generic', 'grafana', '-n', 'monitoring', password])
  }
  const get = async (what: string) =>
    (JSON.parse(await plane.kubectl(['get', what, '-A', '-o', 'json'])) as { items: Manifest[] }).items
  await until(
    'everything runs',
    async () =>
      (await get('deployments,statefulsets')).every(({ status }) => status.readyReplicas === 1) &&
      (await get('daemonsets')).every(({ status }) => status.numberReady === status.desiredNumberScheduled),
    90_000,
  )
  const [logs] = await get('daemonsets')
  const machines = await get('nodes')
  t.equal(logs!.status.numberReady, machines.length, 'one reader of logs on each node, tainted ones too')
  const claims = await get('persistentvolumeclaims')
  t.ok(claims.every(({ status }) => status.phase === 'Bound'))
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'reader', namespace: 'monitoring' },
    spec: {
      containers: [{ name: 'a', image: 'a' }],
      volumes: [{ name: 'host', hostPath: { path: '/var/log' } }],
    },
  }
  await t.rejects(
    plane.kubectl(['apply', '-f', '-'], JSON.stringify(pod)),
    /violates PodSecurity "restricted/,
    'a folder of the host is for the reader of logs alone',
  )
}
