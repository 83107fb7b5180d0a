import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { murmurHome } from '../deploy/local/project-paths.ts'
import { SetupError } from '../deploy/local/setup-error.ts'
import { Terminal } from '../services/cli/output/terminal.ts'
import { compareRuns } from './load/compare.ts'
import { GeneratorError } from './load/drive-generator.ts'
import { RESULTS_FOLDER } from './load/evaluation/read-results.ts'
import { readOptions, USAGE, UsageError } from './load/options.ts'
import { originOf } from './load/origin.ts'
import { loadPage } from './load/page/load-page.ts'
import { ProgressView } from './load/progress/progress-view.ts'
import { readResult } from './load/read-result.ts'
import { renderComparison, renderResult } from './load/render-result.ts'
import type { LoadResult } from './load/result-schema.ts'
import { runLoad } from './load/run-load.ts'
import { deploymentTarget } from './load/target/deployment.ts'
import { startLocalTarget } from './load/target/local-target.ts'
import { isGood } from './load/verdict.ts'

// `npm run load -- SCENARIO`: users on a local stack or any deployment, over REST and gRPC; docs/load.md. Exit codes: 0; 1 when it failed, and
// with --strict when a level was missed or the run is void; 2 for wrong arguments.

const EXIT_FAILED = 1
const EXIT_USAGE = 2

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), process.env)
  const { scenario, edge } = options
  // Before anything is started: a file that can't be read is found out now.
  const baseline = options.baseline === undefined ? undefined : readResult(options.baseline)
  const terminal = new Terminal({ json: false })
  const say = (line: string) => terminal.log(terminal.paint.dim(line))
  const origin = originOf(`npm run load -- ${process.argv.slice(2).join(' ')}`, new Date())
  const stopping = interruption(() =>
    say('ending the load; what was accepted is still asked for. Once more ends at once.'),
  )
  const target = edge === undefined ? await startLocalTarget(say) : deploymentTarget(edge, options)
  let result: LoadResult
  try {
    const view = new ProgressView(terminal, scenario)
    result = await runLoad(options, {
      target,
      origin,
      signal: stopping,
      events: {
        onBegun: () => say(`${scenario.name} on ${target.about.about}`),
        onProgress: (progress) => view.show(progress),
        onKilled: (what) => terminal.log(terminal.paint.yellow(`killed: ${what}`)),
        onSettling: (open) => {
          terminal.clearLive()
          say(`load is off; asking for ${open} accepted tasks`)
        },
      },
    })
  } finally {
    terminal.clearLive()
    await target.close()
  }
  terminal.print(...renderResult(result, terminal.outPaint))
  if (baseline) terminal.print(...renderComparison(compareRuns(result, baseline), terminal.outPaint))
  const name = `${scenario.name}-${origin.date.replace(/[:.]/g, '-')}`
  const json = resolve(options.json ?? join(murmurHome(), 'load', `${name}.json`))
  const page = resolve(options.html ?? json.replace(/(\.json)?$/, '.html'))
  write(json, `${JSON.stringify(result)}\n`)
  write(page, loadPage(result, baseline))
  terminal.print('', `result  ${json}`, `report  ${page}`)
  if (options.isRecorded) {
    const kept = join(RESULTS_FOLDER, `${scenario.name}.json`)
    write(kept, `${JSON.stringify(result)}\n`)
    terminal.print(`kept    ${kept}: npm run docs writes docs/EVALUATION_RESULTS.md`)
  }
  if (options.isStrict && !isGood(result)) process.exitCode = EXIT_FAILED
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true })
  writeFileSync(file, text)
}

/** The first interrupt ends the load, the second everything. */
function interruption(onFirst: () => void): AbortSignal {
  const stopping = new AbortController()
  const interrupt = () => {
    if (stopping.signal.aborted) process.exit(130)
    onFirst()
    stopping.abort()
  }
  process.on('SIGINT', interrupt)
  process.on('SIGTERM', interrupt)
  return stopping.signal
}

try {
  await main()
} catch (error) {
  if (error instanceof UsageError) {
    process.stderr.write(`${error.message}\n\n${USAGE}\n`)
    process.exitCode = EXIT_USAGE
  } else if (error instanceof SetupError) {
    process.stderr.write(`${error.code}: ${error.message}\n${error.fix}\n`)
    process.exitCode = EXIT_FAILED
  } else if (error instanceof GeneratorError) {
    process.stderr.write(`${error.message}\n`)
    process.exitCode = EXIT_FAILED
  } else throw error
}
