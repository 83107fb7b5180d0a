import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { printLine, runTool } from '../../../gate/gate-step.ts'
import { findProgram, KUBERNETES_VERSION, PROGRAMS, programFolder } from './programs.ts'

const KWOK = 'sigs.k8s.io/kwok/cmd/kwok@v0.8.0'

/**
 * `npm run test:k8s`: builds the control plane of Kubernetes with Go where it is not there yet (a quarter of an hour of processor time,
 * then kept), and runs the tests against it. Without Go nothing is built, and the tests say what is missing.
 */
function buildMissing(): void {
  const missing = PROGRAMS.filter((name) => findProgram(name) === undefined)
  if (missing.length === 0) return
  if (findProgram('go') === undefined) {
    printLine('go is not there: the control plane is not built')
    return
  }
  const source = join(programFolder(), '../src')
  mkdirSync(source, { recursive: true })
  mkdirSync(programFolder(), { recursive: true })
  const go = (...args: string[]) =>
    execFileSync('go', args, {
      cwd: source,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOBIN: programFolder() },
    })
  const components = missing.filter((name) => name !== 'kwok')
  if (components.length > 0) {
    requireKubernetes(source, go)
    const flags = `-s -w -X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`
    for (const name of components) {
      printLine(`building ${name} ${KUBERNETES_VERSION}`)
      go('build', '-o', join(programFolder(), name), '-ldflags', flags, `k8s.io/kubernetes/cmd/${name}`)
    }
  }
  if (missing.includes('kwok')) go('install', KWOK)
}

/** The libraries beside Kubernetes are replaced in its module by folders that no module has: each is named by its version instead. */
function requireKubernetes(source: string, go: (...args: string[]) => string): void {
  const version = `k8s.io/kubernetes@${KUBERNETES_VERSION}`
  if (!existsSync(join(source, 'go.mod'))) go('mod', 'init', 'controlplane')
  go('mod', 'edit', '-require', version)
  const { GoMod } = JSON.parse(go('mod', 'download', '-json', version)) as { GoMod: string }
  const staging = KUBERNETES_VERSION.replace('v1.', 'v0.')
  const libraries = readFileSync(GoMod, 'utf8').matchAll(/^\s*(?:replace )?(k8s\.io\/[a-z0-9-]+) => /gm)
  for (const [, library] of libraries) go('mod', 'edit', '-replace', `${library}=${library}@${staging}`)
  go(
    'get',
    ...PROGRAMS.filter((name) => name !== 'kwok').map(
      (name) => `k8s.io/kubernetes/cmd/${name}@${KUBERNETES_VERSION}`,
    ),
  )
}

buildMissing()
process.exitCode = (await runTool('node', [
  'test/gate/run-tests.ts',
  'test/deploy/k8s/control-plane.long.test.ts',
]))
  ? 0
  : 1
