import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { availableParallelism, cpus, release, tmpdir, totalmem } from 'node:os'
import { join } from 'node:path'
import { round } from './bench/measure.ts'
import { parseBenchOptions } from './report/bench-options.ts'
import { compared, lineOf, resultTable } from './report/bench-result.ts'
import { contendersOf } from './report/contenders.ts'
import { type Run, runContender } from './report/run-contender.ts'
import { countRows, writeTable } from './report/write-table.ts'

/**
 * `npm run bench:report`: one CSV file through our path, DuckDB's SUMMARIZE, pandas and ydata-profiling, each in a process of its
 * own, in turn. With --json the last line of the output is the result; what is not on the machine is skipped with the reason.
 */
const options = parseBenchOptions(process.argv.slice(2), process.env)
const say = (line: string) => process.stderr.write(`${line}\n`)
const folder = mkdtempSync(join(tmpdir(), 'murmur-bench-report-'))
try {
  const file = options.file ?? options.keep ?? join(folder, 'orders.csv')
  const startedMs = performance.now()
  if (options.file === undefined) {
    writeTable(file, options)
    say(`written in ${round((performance.now() - startedMs) / 1000)} s`)
  }
  const rows = options.file === undefined ? options.rows : await countRows(file)
  const { size: bytes } = statSync(file)
  say(`${file}: ${rows} rows, ${round(bytes / 1024 / 1024)} MiB`)

  const contenders = contendersOf({ node: process.execPath, ...options }).filter(({ name }) =>
    options.only.includes(name),
  )
  const runs = new Map(contenders.map(({ name }) => [name, [] as Run[]]))
  for (let turn = 1; turn <= options.rounds; turn++)
    for (const contender of contenders) {
      const run = await runContender(contender, { file, timeoutMs: options.timeoutMs })
      runs.get(contender.name)!.push(run)
      say(`${contender.name}, round ${turn}: ${run.status}`)
    }
  const lines = contenders.map((contender) =>
    lineOf(contender, runs.get(contender.name)!, contender.maxRows ?? rows),
  )
  const result = {
    file: {
      rows,
      bytes,
      ...(options.file === undefined && { columns: options.columns, seed: options.seed }),
    },
    machine: {
      cores: availableParallelism(),
      cpu: cpus()[0]?.model ?? '',
      memoryMib: round(totalmem() / 1024 / 1024, 0),
      system: `${process.platform} ${release()}`,
    },
    contenders: compared(lines),
  }
  if (options.json) process.stdout.write(`${JSON.stringify(result)}\n`)
  else process.stdout.write(`${resultTable(result.contenders)}\n${machineLine(result)}\n`)
} finally {
  rmSync(folder, { recursive: true, force: true })
}

function machineLine({
  machine,
  contenders,
}: {
  machine: { cores: number; cpu: string; memoryMib: number }
  contenders: readonly { versions?: Record<string, string> }[]
}): string {
  const versions = Object.assign({}, ...contenders.map((line) => line.versions ?? {})) as Record<
    string,
    string
  >
  const named = Object.entries(versions).map(([name, version]) => `${name} ${version}`)
  return `${machine.cores} cores (${machine.cpu}), ${machine.memoryMib} MiB; ${named.join(', ')}`
}
