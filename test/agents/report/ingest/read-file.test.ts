import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import t from 'tap'
import { type FileContext, readLocalFile } from '../../../../services/agents/report/ingest/read-file.ts'
import { freshFolder } from './large/read-large.ts'

const context: FileContext = {
  signal: new AbortController().signal,
  blobs: { put: () => Promise.reject(new Error('nothing is stored')) },
  findTools: () => Promise.resolve(undefined),
  progress: () => undefined,
}

function fileOf(name: string, content: string) {
  const path = join(freshFolder(), name)
  writeFileSync(path, content)
  return { name, path, size: Buffer.byteLength(content) }
}

t.test('a small file of more rows than are held is read by SQL: figures of all rows', async (t) => {
  const rows = 200_003
  // Each of 0 to 200,002 once: 7,919 and 200,003 are primes.
  const lines = Array.from({ length: rows }, (_, i) => `${(i * 7_919) % rows}`)
  const read = await readLocalFile(
    fileOf('a.csv', `x,y\n${lines.map((x) => `${x},w`).join('\n')}\n`),
    context,
  )
  const [table] = read.tables!
  t.equal(table!.whole!.rows, rows)
  t.ok(table!.rows > 20_000 && table!.rows < 31_000, `${table!.rows} rows in the sample`)
  const { mean, stdDev, q1, median, q3, min, max, skewness, kurtosis } = table!.whole!.columns[0]!.numeric!
  const near = (found: number, right: number, reach: number) =>
    t.ok(Math.abs(found - right) <= reach * Math.max(1, Math.abs(right)), `${found}, ${right}`)
  near(mean, (rows - 1) / 2, 1e-9)
  near(stdDev, Math.sqrt((rows * (rows + 1)) / 12), 1e-9)
  near(skewness!, 0, 1e-9)
  // Of a discrete uniform distribution, with the correction for a sample.
  near(kurtosis!, -1.2, 1e-4)
  t.same([min, max], [0, rows - 1])
  for (const [found, share] of [
    [q1, 0.25],
    [median, 0.5],
    [q3, 0.75],
  ] as const)
    t.ok(Math.abs(found / rows - share) < 0.01, `${found}`)
})

t.test('a file that fits is read in memory', async (t) => {
  const read = await readLocalFile(fileOf('a.csv', 'x,y\n1,2\n3,4\n'), context)
  t.match(read, { kind: 'data', tables: [{ rows: 2, whole: undefined }] })
})
