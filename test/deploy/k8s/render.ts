import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { parseAllDocuments } from 'yaml'
import type { ConfigTable } from '#platform/config/read-config.ts'
import { parseDockerfile, stagesOf, words } from '../../support/dockerfile.ts'
import { DOCKERFILE } from '../../support/image-tree.ts'
import { ROOT, readSourceFiles } from '../../support/source-files.ts'
import type { Known, Manifest } from './manifests.ts'

const FOLDER = join(ROOT, 'deploy/k8s')
const ALL_OVERLAYS = readdirSync(join(FOLDER, 'overlays')).sort()
/** What is applied beside the services, in namespaces of its own. */
export const TELEMETRY_OVERLAYS = ALL_OVERLAYS.filter((name) => name.startsWith('observability'))
/** The services and their servers. */
export const OVERLAYS = ALL_OVERLAYS.filter((name) => !TELEMETRY_OVERLAYS.includes(name))

/** Manifests of a text of several documents. @throws for what is no YAML, a key that is there twice included */
export function parseManifests(text: string): Manifest[] {
  return parseAllDocuments(text).flatMap((document) => {
    if (document.errors.length > 0) throw document.errors[0]
    const value = document.toJS() as Manifest | null
    return value ? [value] : []
  })
}

/** kubectl with Kustomize inside; undefined where there is none. `MURMUR_KUBECTL` names one. */
export function findKubectl(): string | undefined {
  const candidates = [process.env.MURMUR_KUBECTL, 'kubectl'].filter((one) => one !== undefined)
  return candidates.find((program) => runs(program, ['kustomize', '--help']))
}

function runs(program: string, args: string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore', timeout: 20_000 })
    return true
  } catch {
    return false
  }
}

export function renderOverlay(kubectl: string, overlay: string): string {
  return execFileSync(kubectl, ['kustomize', join(FOLDER, 'overlays', overlay)], {
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
  })
}

/** An overlay with one more component. @param folder an empty one, below the repository's root */
export function renderWithComponent(
  kubectl: string,
  { overlay, component, folder }: { overlay: string; component: string; folder: string },
): string {
  const way = (...parts: string[]) => relative(folder, join(FOLDER, ...parts))
  const kustomization = {
    resources: [way('overlays', overlay)],
    components: [way('components', component)],
  }
  writeFileSync(join(folder, 'kustomization.yaml'), JSON.stringify(kustomization))
  return execFileSync(kubectl, ['kustomize', folder], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 })
}

/** Base and the components of the overlay `prod` as they stand in their files, with the ConfigMaps that Kustomize makes. */
export function readSources(): Manifest[] {
  const folders = [
    'base',
    ...['redis', 'nats', 'hpa', 'provision', 'ingress'].map((name) => `components/${name}`),
  ]
  const manifests = folders.flatMap((folder) => {
    const read = (file: string) => parseManifests(readFileSync(join(FOLDER, folder, file), 'utf8'))
    const [kustomization] = read('kustomization.yaml')
    const maps = (kustomization?.configMapGenerator ?? []).map(
      ({ name, literals = [], files = [] }: Manifest) => ({
        kind: 'ConfigMap',
        metadata: { name },
        data: Object.fromEntries([
          ...literals.map((line: string) => line.split(/=(.*)/s).slice(0, 2)),
          ...files.map((file: string) => [file, readFileSync(join(FOLDER, folder, file), 'utf8')]),
        ]),
      }),
    )
    return [...(kustomization?.resources ?? []).flatMap(read), ...maps]
  })
  return withMergedMaps(manifests)
}

/** As Kustomize does with `behavior: merge`: ConfigMaps of one name are one. Pure. */
function withMergedMaps(manifests: readonly Manifest[]): Manifest[] {
  const maps = new Map<string, Manifest>()
  for (const { kind, metadata, data } of manifests)
    if (kind === 'ConfigMap')
      maps.set(metadata.name, { kind, metadata, data: { ...maps.get(metadata.name)?.data, ...data } })
  return [...manifests.filter(({ kind }) => kind !== 'ConfigMap'), ...maps.values()]
}

/** The Secrets that `make-secrets.ts` prints. */
export function madeSecrets(): Manifest[] {
  const text = execFileSync(process.execPath, [join(FOLDER, 'make-secrets.ts'), '--tenants', 'acme'], {
    encoding: 'utf8',
  })
  return (JSON.parse(text) as { items: Manifest[] }).items
}

/** What the manifests may name: settings of the services, and Secrets. */
export async function readKnown(secrets: readonly Manifest[]): Promise<Known> {
  const files = readSourceFiles().filter(
    ({ path, text }) => path.startsWith('services/') && text.includes('satisfies ConfigTable'),
  )
  const modules = await Promise.all(
    files.map(({ path }) => import(join(ROOT, path)) as Promise<Record<string, ConfigTable>>),
  )
  const tables = modules
    .flatMap((module) => Object.entries(module))
    .filter(([name]) => name.endsWith('_VARIABLES'))
  const variables = tables.flatMap(([, table]) => Object.values(table))
  return {
    settings: new Set(
      variables.flatMap(({ name, mayBeFile }) => (mayBeFile ? [name, `${name}_FILE`] : [name])),
    ),
    secrets: new Map(
      secrets.map(({ metadata, stringData }) => [metadata.name, new Set(Object.keys(stringData))]),
    ),
    images: new Map(IMAGES.map((target) => [`murmuration/${target}`, sourcesOf(target)])),
  }
}

const IMAGES = ['orchestrator', 'edge', 'report-agents', 'api-caller', 'video', 'video-gpu']

/** What the Dockerfile copies from the sources into an image. */
function sourcesOf(target: string): string[] {
  return stagesOf(parseDockerfile(DOCKERFILE), target)
    .flatMap(({ lines }) => lines)
    .filter(({ name, rest }) => name === 'COPY' && !rest.startsWith('--from='))
    .flatMap(({ rest }) => words(rest).slice(0, -1))
}
