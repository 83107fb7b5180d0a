import { execFileSync } from 'node:child_process'
import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { printLine, runTool } from '../../../gate/gate-step.ts'
import { COMPOSE, whyNoEngine } from './engine.ts'

/**
 * `npm run test:images`: builds Docker Compose with Go where it is not there yet (some minutes of processor time, then kept), and runs the tests of
 * images. Without Go the tests use podman-compose.
 */
function buildCompose(): void {
  if (existsSync(COMPOSE.path) || whyNoEngine() !== undefined) return
  const folder = mkdtempSync(join(tmpdir(), 'murmur-compose-'))
  try {
    const module = `github.com/docker/compose/v2@${COMPOSE.version}`
    const { Dir } = JSON.parse(go(folder, 'mod', 'download', '-json', module)) as { Dir: string }
    printLine(`building Docker Compose ${COMPOSE.version}`)
    // Its module excludes versions, so it can't be installed: it is built where it stands, and that must be writable.
    const source = join(folder, 'source')
    cpSync(Dir, source, { recursive: true, mode: 0 })
    execFileSync('chmod', ['-R', 'u+w', source])
    mkdirSync(dirname(COMPOSE.path), { recursive: true })
    const flags = `-s -w -X github.com/docker/compose/v2/internal.Version=${COMPOSE.version}`
    go(source, 'build', '-mod=mod', '-ldflags', flags, '-o', COMPOSE.path, './cmd')
  } catch (error) {
    printLine(
      `Docker Compose was not built: ${error instanceof Error ? error.message.split('\n')[0] : error}`,
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

function go(cwd: string, ...args: string[]): string {
  const env = { ...process.env, CGO_ENABLED: '0' }
  return execFileSync('go', args, { cwd, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'inherit'] })
}

buildCompose()
const tests = ['containers', 'image-trees'].map((name) => `test/deploy/images/${name}.long.test.ts`)
process.exitCode = (await runTool('node', ['test/gate/run-tests.ts', ...tests])) ? 0 : 1
