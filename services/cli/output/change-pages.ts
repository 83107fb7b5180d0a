import type { CliContext } from '../cli-context.ts'
import { type Cell, renderTable, type TableColumn } from './table.ts'

/** What a command in bulk is about: those that are named, or all that a filter finds. */
export type ChangePage<Id> = { ids: Id[] } | { cursor?: string }

export interface ChangedPage<Result> {
  results: Result[]
  nextCursor?: string | undefined
}

/**
 * Changes many things page by page, so that no request is larger than a service takes. Ends early when the signal aborts: what was
 * changed is told, and the same command goes on where it was.
 * @param named empty: a filter says which
 * @param most of those that are named, in one request
 */
export async function changeInPages<Id, Result>(
  { named, most, signal }: { named: readonly Id[]; most: number; signal: AbortSignal },
  change: (page: ChangePage<Id>) => Promise<ChangedPage<Result>>,
): Promise<Result[]> {
  const results: Result[] = []
  if (named.length > 0) {
    for (let at = 0; at < named.length && !signal.aborted; at += most)
      results.push(...(await change({ ids: named.slice(at, at + most) })).results)
    return results
  }
  let cursor: string | undefined
  do {
    const page = await change(cursor === undefined ? {} : { cursor })
    results.push(...page.results)
    cursor = page.nextCursor
  } while (cursor !== undefined && !signal.aborted)
  return results
}

/** What became of each, as a table and a sentence; with --json as it is. */
export function presentChanges<Result extends { outcome: string }>(
  { terminal, json }: CliContext,
  results: readonly Result[],
  {
    dryRun,
    columns,
    rowOf,
  }: { dryRun: boolean; columns: readonly TableColumn[]; rowOf: (result: Result) => Cell[] },
): void {
  const failed = results.filter(({ outcome }) => outcome === 'failed').length
  if (json) {
    terminal.printJson({ dryRun, count: results.length - failed, failed, results })
    return
  }
  if (results.length > 0) {
    const { outPaint: paint, columns: width } = terminal
    const rows = results.map(rowOf)
    terminal.print(...renderTable(columns, rows, { paint, ...(width !== undefined && { width }) }))
  }
  const done = `${results.length - failed} ${dryRun ? 'would be changed' : 'changed'}`
  terminal.log(failed > 0 ? `${done}, ${failed} failed.` : `${done}.`)
}
