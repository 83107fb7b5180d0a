import { execFileSync } from 'node:child_process'
import { copyFileSync, mkdirSync, renameSync } from 'node:fs'
import { join } from 'node:path'
import { printLine, runTool } from '../../gate/gate-step.ts'
import { COLLECTOR_VERSION, collectorFolder, findOtelProgram } from './programs.ts'

const BUILDER = `go.opentelemetry.io/collector/cmd/builder@${COLLECTOR_VERSION}`
const TESTS = [
  'test/deploy/otel-collector/traces.long.test.ts',
  'test/deploy/otel-collector/logs.long.test.ts',
]

/**
 * `npm run test:otel`: builds the collector of OpenTelemetry with Go where it is not there yet (some ten minutes of processor time, then
 * kept), and runs the tests against it. Without Go nothing is built, and the tests say what is missing.
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

buildMissing()
process.exitCode = (await runTool('node', ['test/gate/run-tests.ts', ...TESTS])) ? 0 : 1
