import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { z } from 'zod'
import { projectRoot } from '../../../deploy/local/project-paths.ts'
import { type LoadResult, loadResultSchema } from '../result-schema.ts'
import { type TablesResult, tablesResultSchema } from './tables-schema.ts'

/** Results that are kept: each file is one measurement, and the only place that its figures are written down in. */
export const RESULTS_FOLDER = join(projectRoot, 'loadtest/results')

const resultSchema = z.discriminatedUnion('schema', [loadResultSchema, tablesResultSchema])

/**
 * Every result in the folder, by the names of their files.
 * @throws Error that names the file which is no result
 */
export function readResults(folder = RESULTS_FOLDER): (LoadResult | TablesResult)[] {
  const names = readdirSync(folder).filter((name) => name.endsWith('.json'))
  return names.toSorted().map((name) => {
    const parsed = resultSchema.safeParse(JSON.parse(readFileSync(join(folder, name), 'utf8')))
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    throw new Error(`loadtest/results/${name} is no result: ${issue?.path.join('.')}: ${issue?.message}`)
  })
}
