import { readFileSync } from 'node:fs'
import { UsageError } from './options.ts'
import { type LoadResult, loadResultSchema } from './result-schema.ts'

/**
 * The result of an earlier run.
 * @throws UsageError when the file is not there, or is none
 */
export function readResult(file: string): LoadResult {
  let content: unknown
  try {
    content = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new UsageError(`${file}: ${(error as Error).message}`)
  }
  const parsed = loadResultSchema.safeParse(content)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  throw new UsageError(`${file} is no result of a run: ${issue?.path.join('.')}: ${issue?.message}`)
}
