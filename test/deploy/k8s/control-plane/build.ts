import { execFileSync, spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { projectRoot } from '../../../../deploy/local/project-paths.ts'
import { printLine } from '../../../gate/gate-step.ts'
import { COMPONENTS, ETCD, findProgram, KUBERNETES_VERSION, PROGRAMS, programFolder } from './programs.ts'

const KWOK = 'sigs.k8s.io/kwok/cmd/kwok@v0.8.0'
/** Programs of modules that can't be installed by their paths: each is built in a module of our own. */
const OTHERS = [
  {
    name: ETCD,
    module: 'go.etcd.io/etcd/server/v3',
    version: ETCD.replace('etcd-', ''),
    main: 'go.etcd.io/etcd/server/v3',
  },
  {
    name: 'prometheus-adapter',
    module: 'sigs.k8s.io/prometheus-adapter',
    version: 'v0.12.0',
    main: 'sigs.k8s.io/prometheus-adapter/cmd/adapter',
  },
] as const
const TESTS = [
  'test/deploy/k8s/control-plane.long.test.ts',
  'test/deploy/k8s/pods.long.test.ts',
  'test/deploy/k8s/telemetry.long.test.ts',
]

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
  mkdirSync(programFolder(), { recursive: true })
  const components = COMPONENTS.filter((name) => missing.includes(name))
  if (components.length > 0) {
    const go = goIn('src')
    requireKubernetes(go)
    const flags = `-s -w -X k8s.io/component-base/version.gitVersion=${KUBERNETES_VERSION}`
    for (const name of components) {
      printLine(`building ${name} ${KUBERNETES_VERSION}`)
      go('build', '-o', join(programFolder(), name), '-ldflags', flags, `k8s.io/kubernetes/cmd/${name}`)
    }
  }
  if (missing.includes('kwok')) goIn('src')('install', KWOK)
  for (const { name, module, version, main } of OTHERS.filter(({ name }) => missing.includes(name))) {
    printLine(`building ${name}`)
    const go = goIn(name)
    go('mod', 'edit', '-require', `${module}@${version}`)
    go('build', '-o', join(programFolder(), name), '-ldflags', '-s -w', main)
  }
}

type Go = (...args: string[]) => string

/** Runs Go in a module of our own beside the programs. */
function goIn(name: string): Go {
  const folder = join(programFolder(), '..', name)
  mkdirSync(folder, { recursive: true })
  const go: Go = (...args) =>
    execFileSync('go', args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOBIN: programFolder() },
    })
  if (!existsSync(join(folder, 'go.mod'))) go('mod', 'init', name)
  return go
}

/** The libraries beside Kubernetes are replaced in its module by folders that no module has: each is named by its version instead. */
function requireKubernetes(go: Go): void {
  const version = `k8s.io/kubernetes@${KUBERNETES_VERSION}`
  go('mod', 'edit', '-require', version)
  const { GoMod } = JSON.parse(go('mod', 'download', '-json', version)) as { GoMod: string }
  const staging = KUBERNETES_VERSION.replace('v1.', 'v0.')
  const libraries = readFileSync(GoMod, 'utf8').matchAll(/^\s*(?:replace )?(k8s\.io\/[a-z0-9-]+) => /gm)
  for (const [, library] of libraries) go('mod', 'edit', '-replace', `${library}=${library}@${staging}`)
  go('get', ...COMPONENTS.map((name) => `k8s.io/kubernetes/cmd/${name}@${KUBERNETES_VERSION}`))
}

buildMissing()
const { status } = spawnSync(process.execPath, ['test/gate/run-tests.ts', ...TESTS], {
  cwd: projectRoot,
  stdio: 'inherit',
})
process.exitCode = status ?? 1
