import { availableParallelism } from 'node:os'
import { parseArgs } from 'node:util'
import { compileCache, projectRoot } from '../../deploy/local/project-paths.ts'
import { resolveFfmpeg } from '../../deploy/local/servers/resolve-ffmpeg.ts'
import { resolveNats } from '../../deploy/local/servers/resolve-nats.ts'
import { resolveRedis } from '../../deploy/local/servers/resolve-redis.ts'
import type { ServerSource } from '../../deploy/local/servers/server-source.ts'
import { SetupError } from '../../deploy/local/setup-error.ts'
import { bundlePrograms } from './bundle-programs.ts'
import { ensureTapBuild } from './ensure-tap-build.ts'
import { printLine } from './gate-step.ts'
import { groupTestFiles } from './group-test-files.ts'
import { orderGroups, slotsOf } from './order-groups.ts'
import { resolveChromium } from './resolve-chromium.ts'
import { resolveGrpcPython } from './resolve-grpc-python.ts'
import { resolveRtspPython } from './resolve-rtsp-python.ts'
import { runChecks } from './run-checks.ts'
import { type Breadth, selectTests } from './select-tests.ts'
import { findTestFiles, runTestFiles, sumTallies, type TestTally, UnknownTestError } from './test-runner.ts'

/** More failed files than this are no coincidence: none of them gets a second run. */
const MAX_FLAKY_FILES = 3
/** Most tests wait for servers or clocks, so one more than there are cores; beside live video one less (`slotsOf`). */
const JOBS = availableParallelism() + 1

/**
 * The gate: types, style, then the tests on real servers; `--full`, as the continuous integration does, and `--long` run more of them. With file names,
 * only those tests.
 * Its last line is the tally, `N passed, N failed`.
 */
async function runGate(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { full: { type: 'boolean', default: false }, long: { type: 'boolean', default: false } },
  })
  const isWholeGate = positionals.length === 0
  const breadth = values.long ? 'long' : values.full ? 'full' : 'main'
  // Servers and tools are downloaded meanwhile. tap is built after the checks: tsc reads what is built.
  const found = testEnvironment(values.long).then(
    (env) => ({ env }),
    (error: unknown) => ({ error }),
  )
  const checks = isWholeGate ? await runChecks() : { passed: 0, failed: 0 }
  const isTapBuilt = await ensureTapBuild()
  const environment = await found
  if ('error' in environment) throw environment.error
  const { env } = environment
  const tests = isTapBuilt
    ? await runTestsOnBundles(testFiles(positionals, breadth), env)
    : { passed: 0, failed: 1, skipped: 0 }
  const failed = checks.failed + tests.failed
  if (tests.skipped > 0) printLine(`${tests.skipped} skipped or to do`)
  printLine(`${checks.passed + tests.passed} passed, ${failed} failed`)
  process.exitCode = failed === 0 ? 0 : 1
}

function testFiles(names: string[], breadth: Breadth): string[] {
  const files = findTestFiles(projectRoot, names)
  return names.length > 0 ? files : selectTests(files, breadth)
}

/** Where the tests find the servers and tools: resolved once, so that no test file fetches anything. */
async function testEnvironment(isLong: boolean): Promise<NodeJS.ProcessEnv> {
  // Tests kill and flush their servers, so they start their own, whatever server the user points at.
  const { MURMUR_NATS_URL: _nats, MURMUR_REDIS_URL: _redis, ...env } = process.env
  const [nats, grpcPython, { redis, media, chromium, rtspPython }] = await Promise.all([
    resolveNats(printLine, env),
    resolveGrpcPython(printLine, env),
    systemTools(env),
  ])
  return {
    ...env,
    // Tests are hundreds of processes, and start more.
    NODE_COMPILE_CACHE: compileCache(env),
    ...named('MURMUR_TEST_LONG', isLong ? 'yes' : undefined),
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

/** One after the other: what they install with apt has one lock. */
async function systemTools(env: NodeJS.ProcessEnv) {
  const redis = await resolveRedis(printLine, env)
  const media = await resolveFfmpeg(printLine, env).catch((error: unknown) => {
    if (!(error instanceof SetupError)) throw error
    printLine(`ffmpeg: none here; the tests of video are skipped. ${error.fix}`)
    return undefined
  })
  const chromium = await resolveChromium(printLine, env)
  return { redis, media, chromium, rtspPython: await resolveRtspPython(printLine, env) }
}

function pathOf(source: ServerSource): string | undefined {
  return source.kind === 'binary' ? source.path : undefined
}

function named(name: string, value: string | undefined): NodeJS.ProcessEnv {
  return value === undefined ? {} : { [name]: value }
}

/** A few tests are through before many programs are bundled. */
const WORTH_BUNDLING = 10

async function runTestsOnBundles(files: string[], env: NodeJS.ProcessEnv): Promise<TestTally> {
  if (files.length < WORTH_BUNDLING) return await runTests(files, env)
  const { folder, remove } = await bundlePrograms()
  try {
    return await runTests(files, { ...env, MURMUR_TEST_PROGRAMS: folder })
  } finally {
    remove()
  }
}

/**
 * Tests on real servers share the machine with each other, and some are about time. A few files that fail are run once more,
 * one after the other with nothing beside them: what passes then is reported as flaky, and what fails again fails the gate.
 */
async function runTests(files: string[], env: NodeJS.ProcessEnv): Promise<TestTally> {
  const options = { root: projectRoot, env, print: printLine }
  const groups = orderGroups(groupTestFiles(projectRoot, files))
  const outcomes = await runTestFiles(groups, { ...options, jobs: JOBS, slotsOf })
  const first = sumTallies(outcomes)
  const failedFiles = outcomes.filter(({ failed }) => failed > 0).flatMap((outcome) => outcome.files)
  if (failedFiles.length === 0 || failedFiles.length > MAX_FLAKY_FILES) return first
  printLine(`once more, alone: ${failedFiles.join(', ')}`)
  const alone = failedFiles.map((file) => [file])
  const retried = await runTestFiles(alone, { ...options, jobs: 1 })
  for (const { files } of retried.filter(({ failed }) => failed === 0))
    printLine(`flaky: ${files[0]} failed beside others and passed alone`)
  const second = sumTallies(retried)
  return { ...first, passed: first.passed + second.passed, failed: second.failed }
}

await runGate(process.argv.slice(2)).catch((error: unknown) => {
  if (error instanceof SetupError) printLine(`${error.code}: ${error.message}`)
  else if (error instanceof UnknownTestError) printLine(error.message)
  else throw error
  printLine('0 passed, 1 failed')
  process.exitCode = 1
})
