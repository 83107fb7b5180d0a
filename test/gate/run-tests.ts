import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { compileCache, projectRoot } from '../../deploy/local/project-paths.ts'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import type { ServerSource } from '../../deploy/local/servers/server-source.ts'
import { SetupError } from '../../deploy/local/setup-error.ts'
import { ensureTapBuild } from './ensure-tap-build.ts'
import { say } from './gate-step.ts'
import { resolveChromium } from './resolve-chromium.ts'
import { resolveGrpcPython } from './resolve-grpc-python.ts'
import { resolveRtspPython } from './resolve-rtsp-python.ts'
import { runChecks } from './run-checks.ts'
import { TapProgress } from './tap-progress.ts'

/** Tests that take minutes are named so, and run with `--long` only. */
const LONG_TESTS = 'test/**/*.long.test.ts'
/** More failed files than this are no coincidence: none of them gets a second run. */
const MAX_FLAKY_FILES = 3

/**
 * The gate: types, style, then the tests on real servers. With file names, only those tests.
 * Its last line is the tally, `N passed, N failed`.
 */
async function runGate(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { long: { type: 'boolean', default: false } },
  })
  const isWholeGate = positionals.length === 0
  const checks = isWholeGate ? await runChecks() : { passed: 0, failed: 0 }
  const env = await testEnvironment()
  const tests = (await ensureTapBuild())
    ? await runTests(tapArguments(positionals, values.long), env)
    : { passed: 0, failed: 1, skipped: 0 }
  const failed = checks.failed + tests.failed
  if (tests.skipped > 0) say(`${tests.skipped} skipped or to do`)
  say(`${checks.passed + tests.passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

function tapArguments(files: string[], isLong: boolean): string[] {
  const selection = files.length > 0 || isLong ? files : [`--exclude=${LONG_TESTS}`]
  return ['run', '--reporter=tap', ...selection]
}

/** Where the tests find the servers and tools: resolved once, so that no test file fetches anything. */
async function testEnvironment(): Promise<NodeJS.ProcessEnv> {
  // Tests kill and flush their servers, so they start their own, whatever server the user points at.
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...env } = process.env
  const nats = await resolveNats(say, env)
  const redis = await resolveRedis(say, env)
  const media = await resolveFfmpeg(say, env).catch((error: unknown) => {
    if (!(error instanceof SetupError)) throw error
    say(`ffmpeg: none here; the tests of video are skipped. ${error.fix}`)
    return undefined
  })
  const chromium = await resolveChromium(say, env)
  const rtspPython = await resolveRtspPython(say, env)
  const grpcPython = await resolveGrpcPython(say, env)
  return {
    ...env,
    // Tests are hundreds of processes, and start more.
    NODE_COMPILE_CACHE: compileCache(env),
    // tap would read every file that they load once more, for coverage, which is not measured.
    _TAPJS_PROCESSINFO_EXCLUDE_: '/./',
    ...named('MURMUR_NATS_SERVER', pathOf(nats)),
    ...named('MURMUR_REDIS_SERVER', pathOf(redis)),
    ...named('MURMUR_FFMPEG', media?.ffmpeg),
    ...named('MURMUR_FFPROBE', media?.ffprobe),
    ...named('MURMUR_CHROMIUM', chromium),
    ...named('MURMUR_RTSP_PYTHON', rtspPython),
    ...named('MURMUR_GRPC_PYTHON', grpcPython?.python),
    ...named('MURMUR_GRPC_PYTHONPATH', grpcPython?.path || undefined),
  }
}

function pathOf(source: ServerSource): string | undefined {
  return source.kind === 'binary' ? source.path : undefined
}

function named(name: string, value: string | undefined): NodeJS.ProcessEnv {
  return value === undefined ? {} : { [name]: value }
}

interface RunTally {
  passed: number
  failed: number
  skipped: number
}

/**
 * Tests on real servers share the machine with each other, and some are about time. A few files that fail are run once more,
 * one after the other with nothing beside them: what passes then is told as flaky, and what fails again fails the gate.
 */
async function runTests(args: string[], env: NodeJS.ProcessEnv): Promise<RunTally> {
  const first = await runTap(args, env)
  const files = first.failedFiles
  if (files.length === 0 || files.length > MAX_FLAKY_FILES) return first
  say(`once more, alone: ${files.join(', ')}`)
  const second = await runTap(['run', '--reporter=tap', '--jobs=1', ...files], env)
  const flaky = files.filter((file) => !second.failedFiles.includes(file))
  for (const file of flaky) say(`flaky: ${file} failed beside others and passed alone`)
  return { ...first, passed: first.passed + second.passed, failed: second.failed }
}

interface TapRun extends RunTally {
  failedFiles: readonly string[]
}

function runTap(args: string[], env: NodeJS.ProcessEnv): Promise<TapRun> {
  return new Promise((resolve, reject) => {
    const child = spawn(join(projectRoot, 'node_modules', '.bin', 'tap'), args, {
      cwd: projectRoot,
      stdio: ['ignore', 'pipe', 'inherit'],
      env,
    })
    const progress = new TapProgress(say)
    child.stdout.setEncoding('utf8').on('data', (chunk: string) => progress.write(chunk))
    child.on('error', reject)
    child.on('close', (code) => {
      const tally = progress.tally
      // A run that broke without a failed assertion (no such file, a crash of tap) is a failure all the same.
      const failed = code === 0 ? tally.failed : Math.max(1, tally.failed)
      resolve({ ...tally, failed, failedFiles: progress.failedFiles })
    })
  })
}

await runGate(process.argv.slice(2)).catch((error: unknown) => {
  if (!(error instanceof SetupError)) throw error
  say(`${error.code}: ${error.message}`)
  say('0 passed, 1 failed')
  process.exitCode = 1
})
