import { execFile } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import t from 'tap'
import { murmurHome } from '../../deploy/local/project-paths.ts'
import { withServers } from '../support/servers.ts'
import { factsOf, startService } from '../support/services.ts'

// An outside tool reads the OpenAPI document and sends what it says may be sent, and what it says may not: Schemathesis.
// MURMUR_SCHEMATHESIS names the program; without it, one of this version is installed below the home folder where pip can.

const VERSION = '4.32.5'
const run = promisify(execFile)
const SEED = process.env.MURMUR_FUZZ_SEED ?? '17'
const EXAMPLES = process.env.MURMUR_FUZZ_EXAMPLES ?? '25'
/**
 * What a document of JSON Schema can't say: a request that is valid by it is refused for one of these, and rightly so. By what the answer's
 * detail says.
 */
const INEXPRESSIBLE: readonly [detail: RegExp, why: string][] = [
  [/cursor is none of this list/, 'a cursor is a word of the server, which it has to have given'],
  [
    /no agent of type|there is no task type/,
    'which agents and types of tasks there are is known when it runs',
  ],
  [/can't be kept as it is written/, 'which numbers within any JSON a double has exactly'],
  [/does not suit task type/, 'what the input of a submission is depends on its type'],
  [
    /^the plan |: (?:submission\.)?plan\.|parameter of the template|: parameters\./,
    'how the steps of a plan refer to each other, to inputs and to parameters',
  ],
  [
    /^the schedule is not valid|time ?zone|must be after startAtMs/,
    'what a cron is, which zones there are, and which time is the later one',
  ],
  [/: (?:zones|lines|rules)\b/, 'what is a shape, and which names rules refer to'],
  [/range of versions|: set\.versions/, 'what a range of versions is'],
  [
    /must be later than fromMs|give either forMs or untilMs|give one of: an alert/,
    'which fields go together, and which time is the later one',
  ],
  [/they can only become more/, 'how many partitions there are'],
  [/MURMUR_LINK_KEYS is not set/, 'what an edge is set up for'],
  [/only an alert about one object can be marked/, 'what an alert is about'],
]
/** The check that says so, as Schemathesis numbers it. */
const VALID_REFUSED = 'ST202'
/** What an answer is judged by. */
const CHECKS = [
  'not_a_server_error',
  'negative_data_rejection',
  'unsupported_method',
  'positive_data_acceptance',
]
const RUN_TIMEOUT_MS = 900_000
t.setTimeout(RUN_TIMEOUT_MS + 60_000)

/** The program, or why there is none. */
async function findTool(): Promise<{ program?: string; why?: string }> {
  const { MURMUR_SCHEMATHESIS: named } = process.env
  if (named !== undefined) return existsSync(named) ? { program: named } : { why: `there is no ${named}` }
  const folder = join(murmurHome(), `schemathesis-${VERSION}`)
  const program = join(folder, 'bin', 'schemathesis')
  try {
    if (!existsSync(program)) {
      mkdirSync(folder, { recursive: true })
      await run('python3', ['-m', 'venv', folder])
      await run(join(folder, 'bin', 'pip'), ['install', '-q', `schemathesis==${VERSION}`], {
        timeout: 240_000,
      })
    }
    await run(program, ['--version'])
    return { program }
  } catch (error) {
    rmSync(folder, { recursive: true, force: true })
    return { why: `Schemathesis can not be installed here: ${String(error).slice(0, 200)}` }
  }
}

interface Failure {
  operation: string
  about: string
}

/** What is wrong in a JUnit report, an entry a failed check. */
function failuresIn(xml: string): Failure[] {
  return [
    ...xml.matchAll(/<testcase (?:[^>]* )?name="([^"]*)"(?:[^>]*[^/])?>([\s\S]*?)<\/testcase>/g),
  ].flatMap(([, operation = '', body = '']) =>
    [...body.matchAll(/<(?:failure|error)[^>]*>([\s\S]*?)<\/(?:failure|error)>/g)].map(([, about = '']) => ({
      operation,
      about: about
        .replaceAll('&#10;', '\n')
        .replaceAll('&quot;', '"')
        .replaceAll('&lt;', '<')
        .replaceAll('&gt;', '>')
        .replaceAll('&amp;', '&')
        .slice(0, 6000),
    })),
  )
}

/** Its own generator gave up on a schema, before anything was sent: other phases ask the same operation. */
const TOOLS_OWN = /^\s*Runtime Error[\s\S]*(?:hypothesis\.errors\.Flaky|AST constructor recursion)/

/** Those that are a fault of the document or of the edge. A text tells of one failure after the other, each with its answer. */
function realFailures(failures: readonly Failure[]): Failure[] {
  return failures.flatMap(({ operation, about }) => {
    const parts = about.split(/\n(?=\d+\. Test Case ID)/).filter((part) => part.includes('- ST'))
    if (parts.length === 0 && TOOLS_OWN.test(about)) return []
    const real = (parts.length > 0 ? parts : [about]).filter((part) => {
      const detail = /"detail":"((?:[^"\\]|\\.)*)"/.exec(part)?.[1] ?? ''
      return !part.includes(VALID_REFUSED) || !INEXPRESSIBLE.some(([pattern]) => pattern.test(detail))
    })
    return real.map((part) => ({ operation, about: part }))
  })
}

const { program, why } = await findTool()

t.test(
  'the API as its document has it: no answer is a fault of the server, nothing wrong is accepted, nothing right refused',
  { skip: program === undefined && (why ?? 'no Schemathesis') },
  async (t) => {
    const folder = mkdtempSync(join(tmpdir(), 'murmur-fuzz-'))
    t.teardown(() => rmSync(folder, { recursive: true, force: true }))
    const servers = await withServers(t)
    await startService(t, servers, 'services/orchestrator/main.ts')
    await Promise.all([
      startService(t, servers, 'loadtest/bench/noop-agents.ts'),
      startService(t, servers, 'services/agents/video-agents.ts', {
        MURMUR_RECORDINGS_DIR: join(folder, 'recordings'),
      }),
    ])
    const edge = await startService(t, servers, 'services/edge/main.ts')
    const url = `http://127.0.0.1:${factsOf(edge).restPort}`
    const report = join(folder, 'junit.xml')
    const args = [
      'run',
      `${url}/v1/openapi.json`,
      ...['--url', url, '--phases', 'examples,coverage,fuzzing', '--checks', CHECKS.join(',')],
      ...['--max-examples', EXAMPLES, '--seed', SEED, '--workers', '2', '--request-timeout', '30'],
      // Streams end when somebody ends them: there is no answer to look at.
      ...['--exclude-path-regex', '/events$', '--continue-on-failure', '--no-color'],
      ...['--suppress-health-check', 'all', '--report', 'junit', '--report-junit-path', report],
    ]
    const { stdout, code } = await run(program!, args, {
      cwd: folder,
      timeout: RUN_TIMEOUT_MS,
      maxBuffer: 64 * 1024 * 1024,
      env: { ...process.env, PYTHONUNBUFFERED: '1' },
    }).then(
      ({ stdout }) => ({ stdout, code: 0 }),
      (error: { stdout?: string; code?: number }) => ({ stdout: error.stdout ?? '', code: error.code ?? -1 }),
    )
    for (const line of stdout.split('\n').slice(code === 0 ? -25 : -200)) t.comment(line)
    t.ok(existsSync(report), `it has run: ${code}`)
    t.strictSame(realFailures(failuresIn(readFileSync(report, 'utf8'))), [])
    t.equal(edge.exitCode, null, 'the edge runs')
  },
)
