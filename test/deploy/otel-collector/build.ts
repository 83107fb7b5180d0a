import { execFileSync } from 'node:child_process'
import { copyFileSync, existsSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { printLine, runTool, step } from '../../gate/gate-step.ts'
import {
  COLLECTOR_VERSION,
  collectorFolder,
  findOtelProgram,
  JAEGER_MODULE,
  jaegerFolder,
} from './programs.ts'

const BUILDER = `go.opentelemetry.io/collector/cmd/builder@${COLLECTOR_VERSION}`
const TESTS = [
  'test/deploy/otel-collector/traces.long.test.ts',
  'test/deploy/otel-collector/logs.long.test.ts',
]

/**
 * `npm run test:otel`: builds the collector of OpenTelemetry with Go where it is not there yet (some ten minutes of processor time, then
 * kept), and runs the tests against it. Without Go nothing is built, and the tests say what is missing. With `-- --jaeger` it builds Jaeger too,
 * as long again: traces are asked for there as well.
 */
function buildMissing(): void {
  if (findOtelProgram('otelcol') !== undefined) return
  if (findOtelProgram('go') === undefined) {
    printLine('go is not there: the collector is not built')
    return
  }
  const bin = collectorFolder()
  const source = join(bin, '../src')
  for (const folder of [bin, source]) mkdirSync(folder, { recursive: true })
  const run = (program: string, ...args: string[]) =>
    execFileSync(program, args, {
      cwd: source,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod', GOBIN: bin },
    })
  if (findOtelProgram('builder') === undefined) run('go', 'install', BUILDER)
  copyFileSync(join(import.meta.dirname, 'builder.yaml'), join(source, 'builder.yaml'))
  printLine(`building the collector ${COLLECTOR_VERSION}`)
  run(findOtelProgram('builder')!, '--config', 'builder.yaml', '--skip-compilation')
  // To its name in one step: what is there is whole.
  run('go', 'build', '-trimpath', '-ldflags', '-s -w', '-o', '../bin/otelcol.part', '.')
  renameSync(join(bin, 'otelcol.part'), join(bin, 'otelcol'))
}

function buildJaeger(): void {
  if (findOtelProgram('jaeger') !== undefined || findOtelProgram('go') === undefined) return
  const bin = jaegerFolder()
  const source = join(bin, '../src')
  for (const folder of [bin, source]) mkdirSync(folder, { recursive: true })
  const go = (...args: string[]) =>
    execFileSync('go', args, {
      cwd: source,
      stdio: ['ignore', 'inherit', 'inherit'],
      env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' },
    })
  printLine(`building ${JAEGER_MODULE}`)
  if (!existsSync(join(source, 'go.mod'))) go('mod', 'init', 'jaegerbuild')
  go('get', '-tool', JAEGER_MODULE)
  const [program] = JAEGER_MODULE.split('@')
  go('build', '-trimpath', '-ldflags', '-s -w', '-o', '../bin/jaeger.part', program!)
  renameSync(join(bin, 'jaeger.part'), join(bin, 'jaeger'))
}

buildMissing()
if (process.argv.includes('--jaeger')) buildJaeger()
const hasPassed = await step('tests with a real collector', () =>
  runTool('node', ['test/gate/run-tests.ts', ...TESTS]),
)
process.exitCode = hasPassed ? 0 : 1
